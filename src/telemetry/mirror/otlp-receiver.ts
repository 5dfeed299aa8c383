import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CapturePolicy } from '../policy/index.ts';
import type { OtlpEvent, OtlpKeyValue, OtlpSpan } from './line.ts';
import { boundSpan } from './otlp-bound.ts';
import type { OtlpSpanRecord } from './otlp-json.ts';
import { createOtlpSanitizer } from './otlp-sanitize.ts';
import { RECEIVER_PATH } from './receiver-path.ts';
import { createWholeTraces, type WholeTraces } from './whole-traces.ts';
import type { MirrorWriter } from './writer.ts';

/** Where backend processes send their spans. */
export interface OtlpReceiverUrls {
  /** For a process that exports by itself as well. Its path holds a random token, so it belongs into an environment alone. */
  readonly mirrorUrl: string;
  /** For one that exports nowhere else: its spans are handed on, too. */
  readonly relay: OtlpRelay;
}

/** A command line can be read by every user of the machine: the URL may stand there, the header may not. */
export interface OtlpRelay {
  readonly url: string;
  readonly header: { readonly name: string; readonly value: string };
}

/** Where the receiver is: it stays there when another thread takes it over, since backends know the place. */
export interface ReceiverPlace {
  readonly port: number;
  readonly mirrorToken: string;
  readonly relayToken: string;
}

/** Takes the spans of backend processes over loopback OTLP/HTTP and writes them with the gateway's own writer. */
export interface OtlpReceiver extends OtlpReceiverUrls, Pick<WholeTraces, 'settled'> {
  readonly place: ReceiverPlace;
  /** Takes no more exports; resolves when those that it has read are written. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 8 * 1024 * 1024;
/**
 * How much is worked on in one go, in some 2 ms, counted in values and in pieces of 64 characters: an export of Codex's has 512 spans, and
 * no stream may wait for all of them.
 */
const SLICE = 512;
const TOKEN_HEADER = 'x-throughline-token';

const attribute = (attributes: readonly OtlpKeyValue[] | undefined, key: string): string | null =>
  attributes?.find((pair) => pair.key === key)?.value.stringValue ?? null;

const SPAN_KINDS = ['INTERNAL', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;

const writeEvent = (mirror: MirrorWriter, span: OtlpSpanRecord['span'], otlp: OtlpEvent): void =>
  mirror.event(
    {
      type: 'event',
      req_id: attribute(span.attributes, 'req_id'),
      trace_id: span.traceId,
      span_id: span.spanId,
      phase: null,
      kind: null,
      direction: null,
      route: null,
      method: null,
      mode: null,
      in_span: true,
      name: otlp.name,
      otlp,
    },
    BigInt(otlp.timeUnixNano),
  );

const writeSpan = (mirror: MirrorWriter, { span, resource, scope }: OtlpSpanRecord): void => {
  const { events = [], ...otlp } = span;
  for (const event of events) writeEvent(mirror, span, event);
  mirror.span(
    {
      type: 'span',
      req_id: attribute(span.attributes, 'req_id'),
      trace_id: span.traceId,
      span_id: span.spanId,
      // The phases are the gateway's own, whatever an attribute of that name says.
      phase: null,
      parent_span_id: span.parentSpanId || null,
      name: span.name,
      span_kind: SPAN_KINDS[span.kind] ?? 'INTERNAL',
      service:
        attribute((resource as { attributes?: OtlpKeyValue[] } | undefined)?.attributes, 'service.name') ??
        'unknown_service',
      otlp,
      events_kept: events.length,
      resource,
      scope,
    },
    BigInt(span.endTimeUnixNano),
  );
};

const readBody = async (request: IncomingMessage): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const isToken = (given: string | string[] | undefined, token: string): boolean =>
  typeof given === 'string' &&
  given.length === token.length &&
  timingSafeEqual(Buffer.from(given, 'latin1'), Buffer.from(token, 'latin1'));

const answer = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

/** What OTLP answers to an export of which so many spans were not taken. */
const taken = (rejected: number): object =>
  rejected === 0
    ? {}
    : { partialSuccess: { rejectedSpans: String(rejected), errorMessage: 'ids, times or types are wrong' } };

/** The spans of an export, null for what is none, a slice of work in each turn of the event loop. */
async function* spansIn(body: string): AsyncGenerator<OtlpSpanRecord<OtlpSpan | null>> {
  let work = 0;
  // Loads zod, 20 MB, which a gateway whose backends export nothing does without.
  const { parseExport, parseSpan } = await import('./otlp-parse.ts');
  await nextTurn();
  for (const { span: sent, ...shared } of parseExport(body)) {
    const bounded = boundSpan(sent);
    work += bounded.work;
    if (work > SLICE) {
      await nextTurn();
      work = bounded.work;
    }
    yield { span: parseSpan(bounded.span), ...shared };
  }
}

/** Works on the body of one export; resolves with how many spans were not taken. */
const createTake = (
  mirror: MirrorWriter,
  policy: CapturePolicy,
  relay: (record: OtlpSpanRecord) => void,
  traces: WholeTraces,
) => {
  return async (body: string, isRelayed: boolean): Promise<number> => {
    const sanitize = createOtlpSanitizer(policy);
    let rejected = 0;
    for await (const { span, ...shared } of spansIn(body)) {
      if (!span) {
        rejected++;
        continue;
      }
      const clean = sanitize({ span, ...shared });
      writeSpan(mirror, clean);
      traces.add(span);
      if (isRelayed) relay(clean);
    }
    traces.exported();
    return rejected;
  };
};

const newPlace = (): ReceiverPlace => {
  const newToken = () => randomBytes(16).toString('hex');
  return { port: 0, mirrorToken: newToken(), relayToken: newToken() };
};

/**
 * Listens on a free loopback port. What is no export is answered with 4xx; a span that is none is left out, and counted in the answer.
 *
 * @param relay - takes the sanitized spans that come to the relay's URL
 * @param place - where it was before; a new place where there is none
 */
export const createOtlpReceiver = async (
  mirror: MirrorWriter,
  policy: CapturePolicy,
  relay: (record: OtlpSpanRecord) => void,
  place: ReceiverPlace | null = null,
): Promise<OtlpReceiver> => {
  const { port: wanted, mirrorToken, relayToken: token } = place ?? newPlace();
  const paths = {
    mirror: `${RECEIVER_PATH}${mirrorToken}/v1/traces`,
    relay: `${RECEIVER_PATH}relay/v1/traces`,
  };
  const traces = createWholeTraces(() => performance.now());

  const take = createTake(mirror, policy, relay, traces);
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const isKnown = Object.values(paths).includes(request.url ?? '');
    if (request.method !== 'POST' || !isKnown) return answer(response, 404, { message: 'not here' });
    const isRelay = request.url === paths.relay;
    if (isRelay && !isToken(request.headers[TOKEN_HEADER], token)) {
      return answer(response, 401, { message: 'the token is missing or wrong' });
    }
    if (!request.headers['content-type']?.startsWith('application/json')) {
      return answer(response, 415, { message: 'OTLP over HTTP with JSON only' });
    }
    const body = await readBody(request);
    if (body === null) return answer(response, 413, { message: 'too large' });
    try {
      answer(response, 200, taken(await take(body, isRelay)));
    } catch {
      answer(response, 400, { message: 'no OTLP/JSON trace export' });
    }
  };

  const underWay = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const received = receive(request, response)
      .catch(() => void response.destroy())
      .finally(() => underWay.delete(received));
    underWay.add(received);
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    mirrorUrl: `http://127.0.0.1:${port}${paths.mirror}`,
    relay: {
      url: `http://127.0.0.1:${port}${paths.relay}`,
      header: { name: TOKEN_HEADER, value: token },
    },
    place: { port, mirrorToken, relayToken: token },
    settled: traces.settled,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await Promise.all(underWay);
    },
  };
};
