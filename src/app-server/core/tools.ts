import type { CommandExecutionItem, DynamicToolCallItem, ToolCallResult } from '../../app-server-protocol.ts';
import type { ModelCall } from '../model/model.ts';
import type { ClientAnswer } from '../rpc/envelope.ts';
import { isObject } from '../rpc/params.ts';
import type { Telemetry, Work } from '../telemetry/index.ts';
import type { Items } from './items.ts';
import { setStatus, type Thread } from './thread.ts';
import type { ActiveTurn } from './turn.ts';

export interface ToolContext {
  readonly thread: Thread;
  readonly turn: ActiveTurn;
  readonly items: Items;
  readonly telemetry: Pick<Telemetry, 'work'>;
}
type ToolCall = Extract<ModelCall, { type: 'tool_call' }>;
type CommandCall = Extract<ModelCall, { type: 'command' }>;

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
};

/** A client that answers with an error, or with something else, has a tool that failed. */
const readToolResult = (answer: ClientAnswer): ToolCallResult => {
  const result = answer.type === 'result' && isObject(answer.result) ? answer.result : undefined;
  if (!result || !Array.isArray(result.contentItems)) {
    return {
      contentItems: [{ type: 'inputText', text: 'the client could not answer the call' }],
      success: false,
    };
  }
  const contentItems = result.contentItems.flatMap((item: unknown) =>
    isObject(item) && typeof item.text === 'string' ? [{ type: 'inputText' as const, text: item.text }] : [],
  );
  return { contentItems, success: result.success === true };
};

const askFor = async (
  { thread, turn, items }: ToolContext,
  request: Parameters<ActiveTurn['client']['ask']>[0],
): Promise<ClientAnswer> => {
  let requestId: string | number = -1;
  const answer = await turn.client.ask(request, turn.stop.signal, (id) => {
    requestId = id;
  });
  await items.notify({ method: 'serverRequest/resolved', params: { threadId: thread.id, requestId } });
  return answer;
};

const callTool = async (context: ToolContext, call: ToolCall, work: Work): Promise<string> => {
  const { threadId, turnId } = context.turn.info;
  if (!context.thread.settings.tools.some(({ name }) => name === call.name)) {
    work.fail('unsupported_call');
    return `unsupported call: ${call.name}`;
  }
  const startedAtMs = Date.now();
  const item: DynamicToolCallItem = {
    ...{
      type: 'dynamicToolCall',
      id: call.callId,
      namespace: null,
      tool: call.name,
      arguments: parse(call.arguments),
    },
    ...{
      status: 'inProgress',
      contentItems: null,
      success: null,
      durationMs: null,
      startedAtMs,
      completedAtMs: null,
    },
  };
  await context.items.started(item);
  const params = {
    threadId,
    turnId,
    callId: call.callId,
    namespace: null,
    tool: call.name,
    arguments: item.arguments,
  };
  const result = readToolResult(await askFor(context, { method: 'item/tool/call', params }));
  if (!result.success) work.fail('tool_error');
  const completedAtMs = Date.now();
  const status = result.success ? 'completed' : 'failed';
  await context.items.completed({
    ...item,
    ...result,
    status,
    durationMs: completedAtMs - startedAtMs,
    completedAtMs,
  });
  return result.contentItems.map(({ text }) => text).join('\n');
};

const isAccepted = (answer: ClientAnswer): boolean =>
  answer.type === 'result' && isObject(answer.result) && /^accept/.test(String(answer.result.decision));

const approve = async (
  context: ToolContext,
  item: CommandExecutionItem,
  startedAtMs: number,
): Promise<boolean> => {
  const { threadId, turnId } = context.turn.info;
  const { id: itemId, command, cwd } = item;
  const reason = 'the prompt told the model to ask';
  const params = {
    threadId,
    turnId,
    itemId,
    kind: 'command',
    startedAtMs,
    environmentId: null,
    reason,
    command,
    cwd,
  } as const;
  await setStatus(context.thread, { type: 'active', activeFlags: ['waitingOnApproval'] });
  const answer = await askFor(context, { method: 'item/commandExecution/requestApproval', params });
  await setStatus(context.thread, { type: 'active', activeFlags: [] });
  return isAccepted(answer);
};

/** Nothing is ever run: `echo WORDS` gives its words, any other command gives nothing. */
const pretend = (command: string): string => (command.startsWith('echo ') ? `${command.slice(5)}\n` : '');

const runCommand = async (context: ToolContext, call: CommandCall): Promise<string> => {
  const { threadId, turnId } = context.turn.info;
  const startedAtMs = Date.now();
  const item: CommandExecutionItem = {
    ...{ type: 'commandExecution', id: call.callId, pluginId: null, scriptPath: null, command: call.command },
    ...{ cwd: context.thread.settings.cwd, processId: null, source: 'agent', status: 'inProgress' },
    ...{
      commandActions: [{ type: 'unknown', command: call.command }],
      aggregatedOutput: null,
      exitCode: null,
    },
    ...{ durationMs: null, startedAtMs, completedAtMs: null },
  };
  await context.items.started(item);
  const approved = !call.ask || (await approve(context, item, startedAtMs));
  const output = approved ? pretend(call.command) : '';
  if (output) {
    const params = { threadId, turnId, itemId: item.id, delta: output };
    await context.items.notify({ method: 'item/commandExecution/outputDelta', params });
  }
  const completedAtMs = Date.now();
  const ended = approved
    ? {
        status: 'completed' as const,
        aggregatedOutput: output,
        exitCode: 0,
        durationMs: completedAtMs - startedAtMs,
      }
    : { status: 'declined' as const };
  await context.items.completed({ ...item, ...ended, completedAtMs });
  return approved ? output.trimEnd() : 'declined';
};

/** The name under which a command stands in history and on spans. */
export const COMMAND_TOOL = 'shell';

/** Does what the model asked for; resolves with what the model is told of it. */
export const executeTool = (context: ToolContext, call: ModelCall): Promise<string> => {
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
