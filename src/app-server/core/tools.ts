import type { ModelAction } from '../model/model.ts';
import { runCommand } from './command.ts';
import { callTool } from './dynamic-tool.ts';
import type { ToolContext } from './tool-context.ts';

/** The name under which a command stands in history and on spans. */
export const COMMAND_TOOL = 'shell';

/** Does what the model asked for; resolves with what the model is told of it. */
export const executeTool = (context: ToolContext, call: ModelAction): Promise<string> => {
  const { callId } = call;
  const run = async (done: Promise<string>): Promise<string> => {
    try {
      return await done;
    } catch (cause) {
      // The history needs an output for each call; the turn itself sees the signal.
      if (context.turn.stop.signal.aborted) return 'interrupted';
      throw cause;
    }
  };
  switch (call.type) {
    case 'tool_call':
      return context.telemetry.work(
        { name: 'execute_tool', tool: call.name, callId, type: 'function' },
        (work) => run(callTool(context, call, work)),
      );
    case 'command':
      return context.telemetry.work(
        { name: 'execute_tool', tool: COMMAND_TOOL, callId, type: 'extension' },
        () => run(runCommand(context, call)),
      );
  }
};
