import { type ErrorCode, GatewayError, type Subject } from '../../errors.ts';
import { RpcCallError } from './rpc/pending.ts';

interface Refusal {
  readonly words: RegExp;
  readonly subject: Subject;
  /** `invalid_value`, where there is none. */
  readonly code?: ErrorCode;
  /** What the client is told instead of the app-server's own words, where those name a field of another API. */
  readonly told?: string;
}

/** What the app-server refuses for what the client sent, by its words: it has one code for everything. */
const REFUSALS: readonly Refusal[] = [
  { words: /dynamic tool/i, subject: 'tools' },
  {
    words: /conversation is too large/i,
    subject: 'conversation',
    code: 'context_length_exceeded',
    told: 'the conversation is too large',
  },
  { words: /image URLs?/i, subject: 'conversation' },
  { words: /reasoning_effort/i, subject: 'effort', told: 'it is no effort that the model knows' },
];

/** Turns a refusal that the client can do something about into a 400 that says of what it is; throws all else as it is. */
export const refuseBySubject = (thrown: unknown): never => {
  const refused = thrown instanceof RpcCallError && REFUSALS.find(({ words }) => words.test(thrown.message));
  if (!refused) throw thrown;
  throw new GatewayError(
    refused.code ?? 'invalid_value',
    `the backend refused it: ${refused.told ?? thrown.message}.`,
    {
      subject: refused.subject,
      cause: thrown,
    },
  );
};

/** The app-server's code for having too much to do. */
const OVERLOADED = -32001;

/**
 * What the app-server refuses for no reason that is known here is the backend's error. Its words may hold an address or a
 * path of its machine, so they stay in the trace.
 */
export const toBackendError = (thrown: unknown): never => {
  if (!(thrown instanceof RpcCallError)) throw thrown;
  if (thrown.code === OVERLOADED)
    throw new GatewayError('backend_overloaded', 'The backend has too much to do.', {
      cause: thrown,
    });
  throw new GatewayError(
    'backend_error',
    'The backend refused the request. The trace of this request has its words.',
    { cause: thrown },
  );
};

/** Whether the app-server refused a call, in whatever words the client is told of it. */
export const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof RpcCallError || (thrown instanceof GatewayError && thrown.cause instanceof RpcCallError);
