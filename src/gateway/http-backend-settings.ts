import type { Api } from './relay.ts';

/** An OpenAI-compatible server, as the routes file describes it. Times are in milliseconds. */
export interface HttpBackendSettings {
  readonly name: string;
  /** With its `/v1`, like OpenAI's base URL. */
  readonly url: URL;
  /** Sent as a bearer token. */
  readonly key: string | null;
  /** `forward`: the client's own `Authorization` is sent instead of `key`. */
  readonly auth: 'own' | 'forward';
  /** Whether it gets the trace context and `x-upstream-service`. */
  readonly trust: boolean;
  /** The APIs that it has itself. */
  readonly apis: readonly Api[];
  /** `ask`: the gateway asks for usage in a stream even if the client did not, and then hides it from the client. */
  readonly usage: 'ask' | 'as-is';
  /** Whether any other path below `/v1` is relayed too. */
  readonly passthrough: boolean;
  /** Whether the gateway adds the request id to the `metadata` of a body. */
  readonly metadata: boolean;
  readonly timeouts: { readonly connectMs: number; readonly firstByteMs: number; readonly idleMs: number };
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
}
