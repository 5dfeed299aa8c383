import { z } from 'zod';
import { MESSAGE_PHASES } from '../../../gateway/turn.ts';
import { tokens } from './token-usage.ts';

/**
 * The notifications that the answer depends on, checked as they come in: the app-server is another program,
 * and what it sends is not ours to trust. All others are recorded and otherwise left alone.
 */
const delta = z.object({ itemId: z.string(), delta: z.string() });

const thought = delta.extend({ summaryIndex: z.number().optional(), contentIndex: z.number().optional() });

const tokenUsage = z.object({ total: tokens });

const turn = z.object({
  id: z.string(),
  status: z.string(),
  error: z.looseObject({ message: z.string(), codexErrorInfo: z.unknown().optional() }).nullish(),
});

const item = z.looseObject({
  id: z.string(),
  type: z.string(),
  text: z.string().optional(),
  /** Null and other words say nothing that an API could tell. */
  phase: z.enum(MESSAGE_PHASES).optional().catch(undefined),
});

/** Nothing of it ends a turn, so nothing of it is worth failing one for. */
const failure = z.object({ willRetry: z.boolean() }).catch({ willRetry: false });

const SCHEMAS = {
  'item/agentMessage/delta': delta,
  'item/reasoning/summaryTextDelta': thought,
  'item/reasoning/textDelta': thought,
  'item/started': z.object({ item }),
  'item/completed': z.object({ item }),
  'thread/tokenUsage/updated': z.object({ tokenUsage }),
  'turn/completed': z.object({ turn }),
  error: failure,
} as const;

export type TokenUsageUpdate = z.infer<typeof tokenUsage>;
export type NotifiedItem = z.infer<typeof item>;

export type TurnNotification = {
  [Method in keyof typeof SCHEMAS]: { method: Method; params: z.infer<(typeof SCHEMAS)[Method]> };
}[keyof typeof SCHEMAS];

type Parsed =
  | { readonly type: 'known'; readonly notification: TurnNotification }
  | { readonly type: 'other' }
  | { readonly type: 'malformed'; readonly reason: string };

export const parseTurnNotification = (method: string, params: unknown): Parsed => {
  if (!Object.hasOwn(SCHEMAS, method)) return { type: 'other' };
  const result = SCHEMAS[method as keyof typeof SCHEMAS].safeParse(params);
  if (!result.success) return { type: 'malformed', reason: z.prettifyError(result.error) };
  return { type: 'known', notification: { method, params: result.data } as TurnNotification };
};

const started = z.object({ item });

/** The item that an `item/started` or `item/completed` is about. */
export const itemOf = (params: unknown): NotifiedItem | null => started.safeParse(params).data?.item ?? null;

/** Codex sends `turnId: null` too (a hook, a goal): one id that is missing must not hide the other. */
const id = z.string().optional().catch(undefined);
const owner = z.looseObject({ id }).optional().catch(undefined);

const routed = z.looseObject({
  threadId: id,
  turnId: id,
  conversationId: id,
  turn: owner,
  thread: owner,
});

/** Whom a notification or a request of the app-server's is about. */
export const addressOf = (params: unknown): { threadId: string | undefined; turnId: string | undefined } => {
  const data = routed.safeParse(params).data;
  return {
    threadId: data?.threadId ?? data?.thread?.id ?? data?.conversationId,
    turnId: data?.turnId ?? data?.turn?.id,
  };
};
