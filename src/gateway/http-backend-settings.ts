import type { Api } from './relay.ts';

/** An OpenAI-compatible server, as the routes file describes it. Times are in milliseconds. */
export interface HttpBackendSettings {
  readonly name: string;
  /** With its `/v1`, as OpenAI's own base URL has it. */
  readonly url: URL;
  /** Sent as a bearer token. */
  readonly key: string | null;
  /** `forward`: the client's own `Authorization` goes on instead. */
  readonly auth: 'own' | 'forward';
  /** Whether it gets the trace context, and is told who forwards. */
  readonly trust: boolean;
  /** Those that it serves itself. */
  readonly apis: readonly Api[];
  /** `ask`: usage is asked for in streams whose client did not, and not shown to the client. */
  readonly usage: 'ask' | 'as-is';
  /** Whether any other path below `/v1` goes on too. */
  readonly passthrough: boolean;
  /** Whether `metadata` of a body gets the request's id. */
  readonly metadata: boolean;
  readonly timeouts: { readonly connectMs: number; readonly firstByteMs: number; readonly idleMs: number };
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
}
