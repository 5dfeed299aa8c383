import { z } from 'zod';
import type { ResponseItem, ThreadStartParams, TurnStartParams } from '../../app-server-protocol.ts';
import type { UserInput } from '../../app-server-protocol-items.ts';
import type { CallContext } from '../../gateway/ports.ts';
import type { Message, Turn } from '../../gateway/turn.ts';
import type { RpcConnection } from './rpc/connection.ts';
import { readResult } from './rpc/result.ts';

const threadStarted = z.looseObject({
  thread: z.looseObject({ id: z.string() }),
  model: z.string().nullish(),
});
const turnStarted = z.looseObject({ turn: z.looseObject({ id: z.string() }) });

/** Opens a thread that nobody else sees and nothing keeps: the gateway's conversations live in its requests. */
export const startThread = <Opened>(
  rpc: RpcConnection,
  context: CallContext,
  turn: Turn,
  cwd: string,
  open: (threadId: string, model: string | null) => Opened,
): Promise<Opened> => {
  const params = {
    ephemeral: true,
    approvalPolicy: 'never',
    sandbox: 'read-only',
    cwd,
    // Without it an unsubscribed thread stays loaded for a minute, at over a megabyte each.
    config: { thread_unload_delay_secs: 0 },
    model: turn.model,
    ...(turn.instructions !== null && { baseInstructions: turn.instructions }),
  } satisfies ThreadStartParams;
  return rpc.callRpc(context, 'thread/start', params, (result) => {
    const { thread, model } = readResult(threadStarted, 'thread/start', result);
    return open(thread.id, model ?? null);
  });
};

const toItem = ({ role, text }: Message): ResponseItem => ({
  type: 'message',
  role: role === 'system' ? 'developer' : role,
  content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }],
});

export const injectHistory = async (
  rpc: RpcConnection,
  context: CallContext,
  threadId: string,
  history: readonly Message[],
): Promise<void> => {
  if (history.length === 0) return;
  await rpc.callRpc(context, 'thread/inject_items', { threadId, items: history.map(toItem) });
};

/** Starts the turn; `started` learns its id. An empty input continues from the injected items. */
export const startTurn = (
  rpc: RpcConnection,
  context: CallContext,
  threadId: string,
  turn: Turn,
  started: (turnId: string) => void,
): Promise<void> => {
  const input: UserInput[] =
    turn.input === null ? [] : [{ type: 'text', text: turn.input, text_elements: [] }];
  const params: TurnStartParams = { threadId, input, model: turn.model };
  return rpc.callRpc(context, 'turn/start', params, (result) =>
    started(readResult(turnStarted, 'turn/start', result).turn.id),
  );
};
