import { GatewayError } from '../../errors.ts';
import type { Turn } from '../../gateway/turn.ts';
import { RpcError } from './rpc/pending.ts';

/** The fields that hold the conversation, by API; the ones that came after these two call it `input`. */
const CONVERSATION: Readonly<Record<string, string>> = { chat: 'messages', completions: 'prompt' };

const conversationField = ({ answer }: Turn): string => CONVERSATION[answer.api] ?? 'input';

/** What the app-server refuses for what the client sent, by its words: it has one code for everything. */
const refusedFields: readonly { readonly words: RegExp; readonly field: (turn: Turn) => string }[] = [
  { words: /dynamic tool/i, field: () => 'tools' },
  { words: /image URLs?/i, field: conversationField },
  { words: /reasoning_effort/i, field: () => 'reasoning_effort' },
];

/** Turns a refusal that the client can do something about into a 400 that names the field; throws all else as it is. */
export const refuseByField =
  (turn: Turn) =>
  (thrown: unknown): never => {
    const refused =
      thrown instanceof RpcError && refusedFields.find(({ words }) => words.test(thrown.message));
    if (!refused) throw thrown;
    const field = refused.field(turn);
    throw new GatewayError('invalid_value', `'${field}': the backend refused it: ${thrown.message}.`, {
      param: field,
      cause: thrown,
    });
  };

/** Whether the app-server refused a call, in whatever words the client is told of it. */
export const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof RpcError || (thrown instanceof GatewayError && thrown.cause instanceof RpcError);
