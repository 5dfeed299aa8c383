import type { TraceCarrier } from '../../app-server-protocol/index.ts';
import { RpcFailure } from '../rpc/failure.ts';
import type { AppServerTelemetry } from '../telemetry/index.ts';
import type { Thread } from './thread.ts';
import type { ActiveTurn } from './turn.ts';

/** Work on its way from a handler to the core's loop. */
export interface Submission {
  readonly thread: Thread;
  readonly turn: ActiveTurn;
  /** The context of the request that submitted it: all that the two sides share of a trace. */
  readonly trace: TraceCarrier | undefined;
}

export interface SubmissionOptions {
  readonly telemetry: Pick<AppServerTelemetry, 'captureTrace' | 'dispatch'>;
  readonly start: (submission: Submission) => void;
  readonly maxQueue: number;
}

/** The way into the core: a bounded queue, and the loop that takes one submission after another from it. */
export const createSubmissions = ({ telemetry, start, maxQueue }: SubmissionOptions) => {
  const queue: Submission[] = [];

  const loop = () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const submission = next;
      telemetry.dispatch(submission.trace, submission.turn.info, () => start(submission));
    }
  };

  return {
    /** Captures the caller's trace and returns at once; refuses when the queue is full. */
    submit(thread: Thread, turn: ActiveTurn): Submission {
      if (queue.length >= maxQueue) throw new RpcFailure('overloaded', 'Server overloaded; retry later.');
      const submission = { thread, turn, trace: telemetry.captureTrace() };
      queue.push(submission);
      // After the response of the request that submits: a client may rely on hearing the turn's id first.
      if (queue.length === 1) setImmediate(loop);
      return submission;
    },
  };
};
