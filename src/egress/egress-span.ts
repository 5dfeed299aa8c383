import type { Exchange, Outcome, TraceSpan } from '../gateway/ports.ts';

/** The span of phase 4, and the only way of bytes to the client: it measures what it lets through. */
export interface EgressSpan {
  readonly span: TraceSpan;
  head(status: number, headers: Readonly<Record<string, string>>): void;
  /** A promise: the client has no room for more until it resolves. */
  write(chunk: string | Uint8Array): Promise<void> | null;
  /** Ends the response. True when every byte went out. */
  end(): Promise<boolean>;
  close(outcome: Outcome): void;
}

export const openEgressSpan = (exchange: Exchange): EgressSpan => {
  const { client } = exchange;
  const span = exchange.trace.phase('client_egress');
  const sinceStart = (ns: bigint): number => Number(ns - exchange.receivedNs) / 1e6;
  let firstByteNs: bigint | undefined;
  let lastByteNs: bigint | undefined;
  let blockedNs = 0n;

  const timed = async <T>(before: bigint, sending: Promise<T>): Promise<T> => {
    try {
      return await sending;
    } finally {
      lastByteNs = span.now();
      blockedNs += lastByteNs - before;
    }
  };

  return {
    span,
    head: (status, headers) =>
      client.head(status, {
        ...headers,
        ...parameterHeaders(exchange),
        ...timingHeader(exchange, sinceStart(span.now())),
      }),
    write(chunk) {
      const before = span.now();
      firstByteNs ??= before;
      lastByteNs = before;
      const waits = client.write(chunk);
      return waits && timed(before, waits);
    },
    end() {
      const before = span.now();
      firstByteNs ??= before;
      return timed(before, client.end());
    },
    close(outcome) {
      span.set({
        outcome,
        'throughline.egress.bytes': client.bytesWritten,
        'throughline.egress.first_byte_ms': firstByteNs === undefined ? undefined : sinceStart(firstByteNs),
        'throughline.egress.last_byte_ms': lastByteNs === undefined ? undefined : sinceStart(lastByteNs),
        'throughline.egress.blocked_ms': Number(blockedNs) / 1e6,
      });
      span.end();
    },
  };
};

/** Tells the client which of its parameters had no effect, and which have theirs by the gateway alone. */
const parameterHeaders = ({ facts: { ignored, emulated } }: Exchange): Record<string, string> => ({
  ...(ignored.length > 0 && { 'x-throughline-ignored': ignored.join(', ') }),
  ...(emulated.length > 0 && { 'x-throughline-emulated': emulated.join(', ') }),
});

/** Most requests wait for nothing. */
const shown = (ms: number | null): string => (ms ? ms.toFixed(3) : '0.000');

/** Where the time went up to the head, of an answer that came from a server: what is left is the gateway's own. */
const timingHeader = ({ facts: { times } }: Exchange, totalMs: number): Record<string, string> => {
  const { queueMs, connectMs, headMs } = times;
  if (headMs === null) return {};
  const gatewayMs = Math.max(0, totalMs - (queueMs ?? 0) - (connectMs ?? 0) - headMs);
  const upTo = `queue;dur=${shown(queueMs)}, connect;dur=${shown(connectMs)}`;
  return { 'server-timing': `${upTo}, upstream;dur=${shown(headMs)}, gateway;dur=${shown(gatewayMs)}` };
};
