import { GIVE_UP_MS } from '../support/give-up.ts';
import { eventsOf, kindsOf, ownSpansOf } from '../support/records.ts';
import { collect, marksOf } from './records.ts';
import type { Stage } from './row.ts';
import type { Wire } from './wire.ts';

const told =
  (...methods: string[]) =>
  ({ gateway, reqId }: Stage): Promise<unknown> =>
    gateway.waitForMirror((lines) =>
      eventsOf(lines, reqId).some(({ payload }) =>
        methods.includes((payload as { method?: string } | null)?.method ?? ''),
      ),
    );

/** The backend has taken the turn: the gateway opens phase 3 in the same moment in which phase 2 ends. */
export const turnTaken = ({ gateway, reqId }: Stage): Promise<unknown> =>
  gateway.waitForMirror((lines) =>
    ownSpansOf(lines, reqId).some(({ name }) => name === 'backend_submission'),
  );

/** The backend has said all that it has to say, or is told to stop. */
export const turnOver = told('turn/completed', 'turn/interrupt');

/** The backend was asked for a thread. */
export const threadAsked = ({ gateway, reqId }: Stage): Promise<unknown> =>
  gateway.waitForMirror((lines) => kindsOf(lines, reqId).includes('rpc_request'));

/** A server's first answer to the request is in the mirror, be it one after which the request is sent again. */
export const serverHeard = ({ gateway, reqId }: Stage): Promise<unknown> =>
  gateway.waitForMirror((lines) => kindsOf(lines, reqId).includes('upstream_response'));

/** The first words of the answer are there, at the client and in the mirror. */
export const answerBegan = async ({ gateway, reqId }: Stage, wire: Wire): Promise<unknown> => {
  await wire.until('data: ');
  return gateway.waitForMirror((lines) => kindsOf(lines, reqId).includes('client_sse'));
};

/** Backend and answer are under way, and the mirror has both as phases that are open. */
export const underWay = async ({ gateway, reqId }: Stage, wire: Wire): Promise<unknown> => {
  await wire.until('data: ');
  return gateway.waitForMirror((lines) => marksOf(collect(reqId, lines, [], [])) === '++~~-');
};

export interface Load {
  /** Absent where no backend is an app-server. */
  readonly backend?: { readonly workers: readonly { readonly active_turns: number }[] };
  readonly open_requests: number;
  readonly admission: { readonly running: number; readonly streams: number; readonly waiting: number };
}

/** Asks again until the answer is as wanted. */
const untilAnswered = async <T>(url: string, fits: (answer: T) => boolean): Promise<void> => {
  const until = performance.now() + GIVE_UP_MS;
  for (;;) {
    const answer = (await (await fetch(url)).json()) as T;
    if (fits(answer)) return;
    if (performance.now() > until) throw new Error(`${url} still says ${JSON.stringify(answer)}`);
  }
};

/** Asks the gateway for its health until it is as wanted. */
export const untilLoad = ({ url }: { url: string }, fits: (load: Load) => boolean): Promise<void> =>
  untilAnswered(`${url}/healthz`, fits);

/** No request is open, no place taken, and no worker busy, be it with a turn that has to be cleaned up. */
export const untilIdle = (gateway: { url: string }): Promise<void> =>
  untilLoad(
    gateway,
    ({ open_requests, admission, backend }) =>
      open_requests + admission.running + admission.waiting === 0 &&
      (backend?.workers ?? []).every(({ active_turns }) => active_turns === 0),
  );

/** Asks until the gateway says that it drains. */
export const untilDraining = ({ url }: { url: string }): Promise<void> =>
  untilAnswered<{ reason?: string }>(`${url}/readyz`, ({ reason }) => reason === 'draining');
