import type { CommandExecutionItem } from '../../app-server-protocol/items.ts';
import type { ModelAction } from '../model/model.ts';
import type { ClientAnswer } from '../rpc/envelope.ts';
import { isObject } from '../rpc/params.ts';
import { setStatus } from './thread.ts';
import { askClient, type ToolContext } from './tool-context.ts';

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
  const answer = await askClient(context, { method: 'item/commandExecution/requestApproval', params });
  await setStatus(context.thread, { type: 'active', activeFlags: [] });
  return isAccepted(answer);
};

/** Nothing is ever run: `echo WORDS` gives its words, any other command gives nothing. */
const pretend = (command: string): string => (command.startsWith('echo ') ? `${command.slice(5)}\n` : '');

/** Shows a shell command, after the client's approval where that is asked for; resolves with its output. */
export const runCommand = async (
  context: ToolContext,
  call: Extract<ModelAction, { type: 'command' }>,
): Promise<string> => {
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
