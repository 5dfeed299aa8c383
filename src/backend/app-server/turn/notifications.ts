import { z } from 'zod';
import { MESSAGE_PHASES, type MessagePhase } from '../../../gateway/turn.ts';
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

const item = z.looseObject({ id: z.string(), type: z.string(), text: z.string().optional() });

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

/** What a message is meant as. Null and other words say nothing that an API could tell. */
export const phaseOf = ({ type, phase }: NotifiedItem): MessagePhase | undefined =>
  type === 'agentMessage' ? MESSAGE_PHASES.find((known) => known === phase) : undefined;

export type TurnNotification = {
  [Method in keyof typeof SCHEMAS]: { method: Method; params: z.infer<(typeof SCHEMAS)[Method]> };
}[keyof typeof SCHEMAS];

type Parsed =
  | { readonly type: 'known'; readonly notification: TurnNotification }
  | { readonly type: 'other' }
  | { readonly type: 'malformed'; readonly reason: string };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldOf = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined);

/** Codex sends `turnId: null` too (a hook, a goal): one id that is missing must not hide the other. */
const idIn = (value: unknown, key: string): string | undefined => {
  const id = fieldOf(value, key);
  return typeof id === 'string' ? id : undefined;
};

/** The thread that a notification or a request of the app-server's is about. */
export const threadIdOf = (params: unknown): string | undefined =>
  idIn(params, 'threadId') ?? idIn(fieldOf(params, 'thread'), 'id') ?? idIn(params, 'conversationId');

/** The turn that it is about. */
export const turnIdOf = (params: unknown): string | undefined =>
  idIn(params, 'turnId') ?? idIn(fieldOf(params, 'turn'), 'id');

/** The item that an `item/started` or `item/completed` is about. */
export const itemOf = (params: unknown): NotifiedItem | null => {
  const found = fieldOf(params, 'item');
  const isItem = typeof fieldOf(found, 'id') === 'string' && typeof fieldOf(found, 'type') === 'string';
  return isItem && isTextOrAbsent(fieldOf(found, 'text')) ? (found as NotifiedItem) : null;
};

const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string';
const isNumberOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'number';

/** What most lines are is told by hand; the words for what is malformed, and what comes a few times in a turn, by its schema. */
const isWellFormed = (method: string, params: unknown): boolean => {
  switch (method) {
    case 'item/agentMessage/delta':
      return isDelta(params);
    case 'item/reasoning/summaryTextDelta':
    case 'item/reasoning/textDelta':
      return (
        isDelta(params) &&
        isNumberOrAbsent(fieldOf(params, 'summaryIndex')) &&
        isNumberOrAbsent(fieldOf(params, 'contentIndex'))
      );
    case 'item/started':
    case 'item/completed':
      return itemOf(params) !== null;
    default:
      return false;
  }
};

const isDelta = (params: unknown): boolean =>
  typeof fieldOf(params, 'itemId') === 'string' && typeof fieldOf(params, 'delta') === 'string';

/** Checks a notification by the schema of its method. `other`: it has none, and the answer does not depend on it. */
export const parseTurnNotification = (method: string, params: unknown): Parsed => {
  if (!Object.hasOwn(SCHEMAS, method)) return { type: 'other' };
  if (isWellFormed(method, params))
    return { type: 'known', notification: { method, params } as TurnNotification };
  const result = SCHEMAS[method as keyof typeof SCHEMAS].safeParse(params);
  if (!result.success) return { type: 'malformed', reason: z.prettifyError(result.error) };
  return { type: 'known', notification: { method, params: result.data } as TurnNotification };
};
