import type { Dispatcher } from 'undici';
import type { GatewayError } from '../../../errors.ts';
import type { ByteQueue } from './byte-queue.ts';
import type { CallDeadlines } from './call-deadlines.ts';
import { type CallStage, explainFailure, isReset } from './call-errors.ts';
import type { CallHandler } from './connections.ts';
import type { CallFacts, UpstreamCallDeps, UpstreamFailure, UpstreamHead } from './upstream-call.ts';

interface CallParts {
  readonly facts: CallFacts;
  readonly deadlines: CallDeadlines;
  readonly queue: ByteQueue;
  readonly isOver: () => boolean;
  readonly onStart: (controller: Dispatcher.DispatchController) => void;
  readonly onHead: (head: UpstreamHead) => void;
  readonly onEnd: () => void;
  readonly fail: (error: GatewayError, again: UpstreamFailure['again']) => void;
}

const NS_PER_MS = 1e6;

/** Lower statuses are informational: the head of the answer is still to come. */
const FIRST_FINAL_STATUS = 200;

/** Errors of the gateway itself: sending the request again would not help. */
const OURS = new Set(['shutting_down', 'internal_error']);

/** Translates undici's events into the steps of a call. */
export const createCallHandler = (
  { backend, timeouts, now }: UpstreamCallDeps,
  parts: CallParts,
): CallHandler => {
  const { facts, deadlines, queue, isOver } = parts;
  let stage: CallStage = 'connecting';
  let isReused = false;
  let hasBegun = false;

  const againAfter = (thrown: Error, error: GatewayError): UpstreamFailure['again'] => {
    if (OURS.has(error.code)) return 'never';
    if (stage === 'connecting') return 'later';
    // The server closed an idle connection just as it was reused. On a new connection it may already have acted.
    return isReused && !hasBegun && isReset(thrown) ? 'fresh' : 'never';
  };

  return {
    onRequestStart(controller, context) {
      if (!isOver()) {
        stage = 'sending';
        isReused = context.isReused;
        if (!isReused) facts.connectMs = Number(now() - facts.startedNs) / NS_PER_MS;
        deadlines.connected();
      }
      parts.onStart(controller);
    },
    onBodySent: () => deadlines.moved(),
    onRequestSent() {
      if (isOver()) return;
      facts.sentNs ??= now();
      deadlines.sent();
    },
    onResponseStarted() {
      hasBegun = true;
    },
    onResponseStart(_controller, status, headers) {
      if (isOver() || status < FIRST_FINAL_STATUS) return;
      stage = 'reading';
      facts.sentNs ??= now();
      deadlines.answered();
      parts.onHead({ type: 'head', status, headers, bytes: queue.bytes });
    },
    onResponseData(_controller, chunk) {
      deadlines.moved();
      queue.push(chunk);
    },
    onResponseEnd() {
      if (isOver()) return;
      parts.onEnd();
      queue.end();
    },
    onResponseError(_controller, thrown) {
      if (isOver()) return;
      const error = explainFailure(thrown, stage, backend, timeouts.connectMs);
      parts.fail(error, againAfter(thrown, error));
    },
  };
};
