import type { ServerNotification, ServerRequest } from '../../app-server-protocol/events.ts';
import type { RpcRequestId } from '../../app-server-protocol/index.ts';
import type { ClientAnswer } from './envelope.ts';

/** Who is at the other end, once `initialize` has said it. */
export interface ClientIdentity {
  readonly name: string;
  readonly version: string;
  readonly optOut: ReadonlySet<string>;
}

/** One connection, as handlers and the core see it. */
export interface RpcClient {
  readonly connectionId: string;
  readonly identity: () => ClientIdentity | undefined;
  readonly identify: (identity: ClientIdentity) => void;
  /** Sends a notification; resolves once the client has room for more. */
  readonly notify: (notification: ServerNotification) => Promise<void>;
  /** Asks the client; rejects when `signal` aborts or the connection closes. */
  readonly ask: (
    request: ServerRequest,
    signal: AbortSignal,
    onSent: (id: RpcRequestId) => void,
  ) => Promise<ClientAnswer>;
  /** Writes something that is no message: only for the model's `/garbage`. */
  readonly writeRaw: (text: string) => void;
}

/** Where a transport puts what is sent; the transport frames it. */
export interface ClientOutput {
  readonly write: (message: string) => void;
  /** Resolves at once, or when a slow reader has caught up. */
  readonly ready: () => Promise<void>;
}
