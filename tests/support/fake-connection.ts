import {
  createRpcConnection,
  type RpcAnswer,
  type RpcConnection,
} from '../../src/backend/app-server/rpc/connection.ts';
import { createFakeSpan, type FakeSpan } from './fake-span.ts';

type Envelope = { id: number; method: string; params: unknown; trace: Record<string, string> };

/** A connection whose other end is the test: what was sent is in `sent`, and `say` answers. */
export type FakeConnection = {
  rpc: RpcConnection;
  sent: Envelope[];
  notifications: unknown[];
  requests: unknown[];
  garbage: { reason: string; bytes: number }[];
  /** The spans of calls that were made for no request. */
  spans: FakeSpan[];
  say(message: unknown): void;
  /** From now on the transport takes nothing. */
  refuse(): void;
};

export const createFakeConnection = (
  answer: RpcAnswer = { result: {} },
  kind: 'pipe' | 'tcp' = 'pipe',
): FakeConnection => {
  const sent: Envelope[] = [];
  const notifications: unknown[] = [];
  const requests: unknown[] = [];
  const garbage: FakeConnection['garbage'] = [];
  const spans: FakeSpan[] = [];
  let takes = true;
  const transport = {
    kind,
    send(line: string): boolean {
      if (takes) sent.push(JSON.parse(line));
      return takes;
    },
  };
  const rpc = createRpcConnection(transport, {
    takeLine: () => false,
    onNotification: (notification) => void notifications.push(notification),
    onRequest(request) {
      requests.push(request);
      return answer;
    },
    onGarbage: (reason, bytes) => void garbage.push({ reason, bytes }),
    openSpan(method, attributes) {
      const span = createFakeSpan(method, { kind: 'CLIENT', attributes });
      spans.push(span);
      return span;
    },
  });
  return {
    rpc,
    sent,
    notifications,
    requests,
    garbage,
    spans,
    say: (message) => rpc.receive(typeof message === 'string' ? message : JSON.stringify(message)),
    refuse() {
      takes = false;
    },
  };
};

/** Whom a call is made for. */
export const aContext = (signal: AbortSignal = new AbortController().signal) => {
  const span = createFakeSpan('backend_submission');
  return {
    context: { span, signal },
    /** The span of the first call. */
    call(): FakeSpan {
      const [child] = span.children;
      if (!child) throw new Error('no call was made');
      return child;
    },
  };
};
