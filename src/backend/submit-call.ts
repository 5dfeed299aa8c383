import { type ErrorCode, GatewayError } from '../errors.ts';
import type { RequestCall } from '../gateway/call.ts';
import type { Candidate, Exchange, RelayAnswer, Router, TraceSpan, TurnAnswer } from '../gateway/ports.ts';
import type { RunningRelay } from '../gateway/relay.ts';
import { noteParameters } from '../gateway/turn-notes.ts';
import { RelayFailure } from './http-upstream/relay/failure.ts';

/** Errors of a backend that has not begun to work on the request: another backend may be asked. */
const NOT_BEGUN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'backend_connect_timeout',
  'backend_overloaded',
  'backend_unavailable',
  'backend_unreachable',
  'rate_limit_exceeded',
]);

type Failure = GatewayError | RelayFailure;

const isFailure = (thrown: unknown): thrown is Failure =>
  thrown instanceof RelayFailure || (thrown instanceof GatewayError && NOT_BEGUN.has(thrown.code));

/** Whether the backend cannot do what the request asks for, or lacks the model. Another backend may. */
const isRefusal = (thrown: unknown): thrown is GatewayError =>
  thrown instanceof GatewayError &&
  (thrown.outcome === 'invalid_request' || thrown.code === 'model_not_found');

const reasonOf = (thrown: Failure): string => {
  if (!(thrown instanceof RelayFailure)) return thrown.code;
  const { result } = thrown.running;
  return result.type === 'failed' ? result.error.code : String(result.answer.status);
};

/** One request, and the span of its submission. */
interface Submission {
  readonly exchange: Exchange;
  readonly span: TraceSpan;
  readonly call: RequestCall;
}

const contextOf = ({ exchange, span }: Submission) => ({
  span,
  signal: exchange.signal,
  reqId: exchange.reqId,
  remainingMs: exchange.remainingMs,
});

/** The times that are known once the head of the answer has come. */
const timesOf = ({ connectMs, sentNs }: Pick<RunningRelay, 'connectMs' | 'sentNs'>, nowNs: bigint) => ({
  connectMs,
  headMs: Number(nowNs - sentNs) / 1e6,
});

const submitTo = async (
  submission: Submission,
  { backend, model }: Candidate,
  canFailOver: boolean,
): Promise<TurnAnswer | RelayAnswer> => {
  const { exchange, span, call } = submission;
  exchange.facts.backend = backend.name;
  span.set({ 'throughline.backend': backend.name });
  if (backend.kind === 'relay') {
    const { request } = call;
    const running = await backend.relay(contextOf(submission), request, model, canFailOver);
    Object.assign(exchange.facts.times, timesOf(running, span.now()));
    return { type: 'relay', request, running, backend };
  }
  const turnCall = await call.toTurn(backend);
  noteParameters(exchange, span, turnCall);
  const { turn } = turnCall;
  const context = { ...contextOf(submission), headers: call.request.headers, canFailOver };
  const running = await backend.submit(context, model === null ? turn : { ...turn, model });
  exchange.facts.responseModel = running.model;
  const { connectMs, sentNs } = running;
  if (connectMs !== undefined && sentNs !== undefined)
    Object.assign(exchange.facts.times, timesOf({ connectMs, sentNs }, span.now()));
  return { type: 'turn', turn, running, backend };
};

/** A backend that did not take the request, and what the client gets if no other one takes it. */
interface PassedOver {
  readonly name: string;
  readonly result: RelayAnswer | Failure;
}

const passOver = (
  { call: { request } }: Submission,
  { backend }: Candidate,
  failure: Failure,
): PassedOver => ({
  name: backend.name,
  result:
    failure instanceof RelayFailure && backend.kind === 'relay'
      ? { type: 'relay', request, running: failure.running, backend }
      : failure,
});

const letGo = (passed: PassedOver | null): void => {
  if (passed && 'running' in passed.result) passed.result.running.release();
};

/**
 * Submits a request to its candidates in order, until one of them takes it.
 *
 * @throws GatewayError if none does
 */
export const submitCall = async (
  router: Router,
  exchange: Exchange,
  span: TraceSpan,
  call: RequestCall,
): Promise<TurnAnswer | RelayAnswer> => {
  const submission = { exchange, span, call };
  const candidates = call.candidates ?? (await router.find(contextOf(submission), call.request));
  let passed: PassedOver | null = null;
  for (const [index, candidate] of candidates.entries()) {
    const canFailOver = index < candidates.length - 1;
    try {
      const answer = await submitTo(submission, candidate, canFailOver);
      letGo(passed);
      return answer;
    } catch (thrown) {
      if (exchange.signal.aborted) throw thrown;
      if (passed && isRefusal(thrown)) continue;
      letGo(passed);
      if (!isFailure(thrown) || !canFailOver) throw thrown;
      passed = passOver(submission, candidate, thrown);
      span.warn('throughline.backend.failed_over', {
        'throughline.backend': passed.name,
        'error.type': reasonOf(thrown),
      });
    }
  }
  if (!passed)
    throw new GatewayError('model_not_found', 'No backend takes this request.', { param: 'model' });
  exchange.facts.backend = passed.name;
  if (passed.result instanceof Error) throw passed.result;
  return passed.result;
};
