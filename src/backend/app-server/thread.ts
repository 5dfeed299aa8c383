import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import type { CallContext } from '../../gateway/ports.ts';
import type { Message, Turn } from '../../gateway/turn.ts';
import type { RpcConnection } from './rpc/connection.ts';

const threadStarted = z.looseObject({ thread: z.looseObject({ id: z.string() }) });
const turnStarted = z.looseObject({ turn: z.looseObject({ id: z.string() }) });

const parse = <T>(schema: z.ZodType<T>, method: string, result: unknown): T => {
  const parsed = schema.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new GatewayError(
    'backend_error',
    `The backend's answer to ${method} is malformed: ${z.prettifyError(parsed.error)}`,
  );
};

/** Opens a thread that nobody else sees and nothing keeps: the gateway's conversations live in its requests. */
export const startThread = async (
  rpc: RpcConnection,
  context: CallContext,
  turn: Turn,
  cwd: string,
): Promise<string> => {
  const result = await rpc.callRpc(context, 'thread/start', {
    ephemeral: true,
    approvalPolicy: 'never',
    sandbox: 'read-only',
    cwd,
    // Without it an unsubscribed thread stays loaded for a minute, at over a megabyte each.
    config: { thread_unload_delay_secs: 0 },
    model: turn.model,
    ...(turn.instructions !== null && { baseInstructions: turn.instructions }),
  });
  return parse(threadStarted, 'thread/start', result).thread.id;
};

const toItem = ({ role, text }: Message) => ({
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

/** Resolves with the turn's id. An empty input continues from the injected items. */
export const startTurn = async (
  rpc: RpcConnection,
  context: CallContext,
  threadId: string,
  turn: Turn,
): Promise<string> => {
  const input = turn.input === null ? [] : [{ type: 'text', text: turn.input, text_elements: [] }];
  const result = await rpc.callRpc(context, 'turn/start', { threadId, input, model: turn.model });
  return parse(turnStarted, 'turn/start', result).turn.id;
};
