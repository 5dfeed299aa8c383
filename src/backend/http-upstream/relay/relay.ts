import { type BackOff, createBackOff } from '../../../back-off.ts';
import { GatewayError } from '../../../errors.ts';
import type { RelayContext, RelayedAnswer, RelayRequest, RunningRelay } from '../../../gateway/relay.ts';
import type { Pace } from '../../../pace.ts';
import { type RelayAttempt, runAttempt, type ServerDeps, serverOf } from './attempt.ts';
import { dropAnswer, pause } from './between-attempts.ts';
import { RelayFailure } from './failure.ts';
import { answerHeaders } from './headers.ts';
import { peek } from './peek.ts';
import { type PreparedBody, prepareBody } from './prepare-body.ts';
import {
  forbidsRetry,
  headerOf,
  refusesFields,
  retryAfterMs,
  verdictOn,
  waitBefore,
} from './retry-policy.ts';
import type { UpstreamHead } from './upstream-call.ts';

/** How often a request is sent again after a wait. */
const MAX_RESENDS = 2;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 2_000;
/** How much of a 400 or 422 is read to learn which field the server refuses. */
const MAX_REFUSAL_BYTES = 64 * 1024;

const RELEASED = new GatewayError('client_disconnected', 'The answer is no longer needed.');

export interface RelayDeps extends ServerDeps {
  readonly pace: Pace;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  /** What earlier answers have shown about this server. */
  readonly learned: { refusesUsage: boolean };
}

/** One request that is relayed, and the counters of its attempts. */
interface Relay {
  readonly context: RelayContext;
  readonly request: RelayRequest;
  readonly model: string | null;
  readonly canFailOver: boolean;
  readonly backOff: BackOff;
  resends: number;
  waits: number;
  wasFresh: boolean;
  /** The server has refused this request with a word on being asked for usage. */
  withoutUsage: boolean;
}

type Step =
  | { readonly type: 'stop' }
  | { readonly type: 'without_usage' }
  | { readonly type: 'fresh' }
  | { readonly type: 'later'; readonly waitMs: number };

const STOP: Step = { type: 'stop' };

const waitStep = ({ timers }: RelayDeps, relay: Relay, { result }: RelayAttempt): Step => {
  if (relay.waits >= MAX_RESENDS || forbidsRetry(result)) return STOP;
  const asked = result.type === 'head' ? headerOf(result, 'retry-after') : undefined;
  const waitMs = waitBefore({
    askedMs: retryAfterMs(asked, timers.wallMs()),
    ownMs: relay.backOff.next(),
    canFailOver: relay.canFailOver,
    remainingMs: relay.context.remainingMs?.(),
  });
  return waitMs === null ? STOP : { type: 'later', waitMs };
};

/** Whether a refusal names `stream_options`; `head` is the same answer, whose body can still be read in full. */
const readRefusal = async (head: UpstreamHead): Promise<{ head: UpstreamHead; isOfUsage: boolean }> => {
  const { start, bytes } = await peek(head.bytes, MAX_REFUSAL_BYTES);
  return { head: { ...head, bytes }, isOfUsage: Buffer.from(start).includes('stream_options') };
};

const stepAfter = (deps: RelayDeps, relay: Relay, attempt: RelayAttempt): Step => {
  if (relay.context.signal.aborted || relay.request.body.type === 'stream') return STOP;
  switch (verdictOn(attempt.result)) {
    case 'final':
      return STOP;
    case 'fresh':
      return relay.wasFresh ? STOP : { type: 'fresh' };
    case 'later':
      return waitStep(deps, relay, attempt);
  }
};

const toAnswer = (head: UpstreamHead, asksUsage: boolean): RelayedAnswer => {
  const hidesUsage = asksUsage && head.status < 300;
  const { headers, shownHeaders } = answerHeaders(head.headers);
  const { 'content-length': _, ...others } = headers;
  return {
    status: head.status,
    headers: hidesUsage ? others : headers,
    shownHeaders,
    bytes: head.bytes,
    hidesUsage,
  };
};

const toRunning = (
  deps: RelayDeps,
  relay: Relay,
  attempt: RelayAttempt,
  asksUsage: boolean,
): RunningRelay => {
  const { call, result } = attempt;
  return {
    requestedNs: call.startedNs,
    sentNs: call.sentNs ?? call.startedNs,
    connectMs: call.connectMs,
    resends: relay.resends,
    server: serverOf(deps.settings.url),
    model: relay.model ?? relay.request.model,
    result:
      result.type === 'head'
        ? { type: 'answer', answer: toAnswer(result, asksUsage) }
        : { type: 'failed', error: result.error },
    release: () => call.cut(RELEASED),
  };
};

/**
 * Gives the result of the last attempt.
 *
 * @throws RelayFailure if another backend may serve the request
 * @throws GatewayError if nothing was sent
 */
const conclude = (deps: RelayDeps, relay: Relay, attempt: RelayAttempt, asksUsage: boolean): RunningRelay => {
  const { call, result } = attempt;
  const isOver = relay.context.signal.aborted;
  if (relay.canFailOver && !isOver && verdictOn(result) === 'later' && !call.isSpent()) {
    throw new RelayFailure(toRunning(deps, relay, attempt, asksUsage));
  }
  if (result.type === 'failed' && call.sentNs === null) throw result.error;
  return toRunning(deps, relay, attempt, asksUsage);
};

const prepare = (
  { settings, pace, learned }: RelayDeps,
  { request, model, withoutUsage, context: { reqId } }: Relay,
): Promise<PreparedBody> =>
  prepareBody(settings, request, { model, reqId, mayAskUsage: !learned.refusesUsage && !withoutUsage }, pace);

/** A server refuses to be asked where it takes the same request without: the words of a refusal alone may be the client's own. */
const learn = ({ learned }: RelayDeps, { withoutUsage }: Relay, { result }: RelayAttempt): void => {
  if (withoutUsage && result.type === 'head' && result.status < 300) learned.refusesUsage = true;
};

const attemptOnce = (
  deps: RelayDeps,
  { context, request, resends }: Relay,
  { body, shown }: PreparedBody,
  fresh: boolean,
): Promise<RelayAttempt> =>
  runAttempt(
    deps,
    { method: request.method, target: request.target, clientHeaders: request.headers, body, shown },
    { parent: context.span, reqId: context.reqId, signal: context.signal, resends, fresh },
  );

/** Counts the next attempt, and waits if the step says so. Rejects if the request ends meanwhile. */
const makeReady = async (deps: RelayDeps, relay: Relay, attempt: RelayAttempt, step: Step): Promise<void> => {
  relay.resends++;
  if (step.type === 'fresh') relay.wasFresh = true;
  if (step.type === 'without_usage') relay.withoutUsage = true;
  await dropAnswer(attempt, deps.timers);
  if (step.type !== 'later') return;
  relay.waits++;
  await pause(step.waitMs, relay.context.signal, deps.timers);
};

/** Sends a request to its server, and sends it again where that is safe and useful. `RelayBackend.relay` says how it resolves and rejects. */
export const relayRequest = async (
  deps: RelayDeps,
  asked: Pick<Relay, 'context' | 'request' | 'model' | 'canFailOver'>,
): Promise<RunningRelay> => {
  const backOff = createBackOff({ firstMs: FIRST_PAUSE_MS, maxMs: MAX_PAUSE_MS, random: deps.random });
  const relay: Relay = { ...asked, backOff, resends: 0, waits: 0, wasFresh: false, withoutUsage: false };
  let prepared = await prepare(deps, relay);
  let step: Step = STOP;
  for (;;) {
    let attempt = await attemptOnce(deps, relay, prepared, step.type === 'fresh');
    step = stepAfter(deps, relay, attempt);
    learn(deps, relay, attempt);
    if (prepared.asksUsage && refusesFields(attempt.result)) {
      const { head, isOfUsage } = await readRefusal(attempt.result);
      attempt = { ...attempt, result: head };
      if (isOfUsage) step = { type: 'without_usage' };
    }
    if (step.type === 'stop') return conclude(deps, relay, attempt, prepared.asksUsage);
    await makeReady(deps, relay, attempt, step);
    if (step.type === 'without_usage') prepared = await prepare(deps, relay);
  }
};
