import type { EventLine, MirrorLine } from '../../src/telemetry/mirror/line.ts';
import { eventsOf } from '../support/records.ts';
import { untilGone } from '../support/until-gone.ts';

/** What became of the turn that the request had on the backend, in one word of a closed list. */
export type TurnEnd =
  /** None was asked for. */
  | 'none'
  | 'refused'
  /** The backend has ended it by itself. */
  | 'completed'
  | 'failed'
  | 'stopped by itself'
  /** We have told the backend to, and it did, or its process ended in order before it said so. */
  | 'interrupted'
  /** The process died under it. */
  | 'died with its process'
  /** The process did not do as it was told, and was replaced. */
  | 'killed with its process'
  /** Nobody was left to stop it, and the process has ended as well. */
  | 'died with the gateway'
  /** Nobody has stopped it: a fault. */
  | 'left running';

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly turn?: { readonly status?: string } };
  readonly recycled?: string | null;
}

const messageOf = ({ payload }: EventLine): Message => (payload ?? {}) as Message;

const BY_ITSELF: Readonly<Record<string, TurnEnd>> = {
  completed: 'completed',
  failed: 'failed',
  interrupted: 'stopped by itself',
};

const isRecycling = (line: MirrorLine): boolean =>
  line.type === 'event' &&
  line.kind === 'backend_exit' &&
  line.req_id === null &&
  Boolean(messageOf(line).recycled);

const backendsOf = (lines: readonly MirrorLine[]): number[] =>
  lines.flatMap((line) =>
    line.type === 'event' && line.kind === 'backend_start' ? [(line.payload as { pid: number }).pid] : [],
  );

/** Whether each process that the gateway has started is gone. */
export const backendsGone = async (lines: readonly MirrorLine[]): Promise<boolean> =>
  (await Promise.all(backendsOf(lines).map(untilGone))).every(Boolean);

/** How the gateway of a row ended: after all of them, or under them in order, or under them at once. */
export type GatewayEnd = 'later' | 'in order' | 'at once';

/** Read from all that a gateway wrote, once it has ended. */
export const turnEndOf = (lines: readonly MirrorLine[], reqId: string, gateway: GatewayEnd): TurnEnd => {
  const events = eventsOf(lines, reqId);
  const calls = (method: string) =>
    events.filter((event) => event.kind === 'rpc_request' && messageOf(event).method === method);
  const [start] = calls('turn/start');
  if (!start) return 'none';
  if (events.some(({ kind, span_id }) => kind === 'rpc_error' && span_id === start.span_id)) return 'refused';
  const asked = calls('turn/interrupt').length > 0;
  const end = events.map(messageOf).find(({ method }) => method === 'turn/completed');
  const status = end?.params?.turn?.status ?? '';
  if (asked && status === 'interrupted') return 'interrupted';
  if (end) return BY_ITSELF[status] ?? 'left running';
  if (events.some(({ kind }) => kind === 'backend_exit')) return 'died with its process';
  if (gateway === 'at once') return 'died with the gateway';
  if (!asked) return 'left running';
  if (gateway === 'in order') return 'interrupted';
  const recycled = lines.some((line) => isRecycling(line) && line.seq > start.seq);
  return recycled ? 'killed with its process' : 'left running';
};
