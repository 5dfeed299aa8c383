import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Phase } from '../phases.ts';
import type { OtlpEvent, OtlpKeyValue } from './line.ts';
import { type OtlpSpanRecord, spansOfExport } from './otlp-json.ts';
import { sanitizeOtlp } from './otlp-sanitize.ts';
import type { MirrorWriter } from './writer.ts';

/** Takes the spans of a backend process over loopback OTLP/HTTP and writes them with the gateway's own writer. */
export interface OtlpReceiver {
  /** The traces URL to hand to the process; its path holds a random token. */
  readonly url: string;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const PATH_PREFIX = '/backend-spans/';

/** True for requests to the receiver, which the HTTP instrumentation leaves alone. */
export const isReceiverPath = (path: string): boolean => path.startsWith(PATH_PREFIX);

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
      phase: attribute(span.attributes, 'phase') as Phase | null,
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

const answer = (response: ServerResponse, status: number, message?: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(message ? { message } : {}));
};

/** Listens on a free loopback port. Bad exports are answered with 4xx and change nothing. */
export const createOtlpReceiver = async (mirror: MirrorWriter): Promise<OtlpReceiver> => {
  const path = `${PATH_PREFIX}${randomBytes(16).toString('hex')}/v1/traces`;
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST' || request.url !== path) return answer(response, 404, 'not here');
    if (!request.headers['content-type']?.startsWith('application/json')) {
      return answer(response, 415, 'OTLP over HTTP with JSON only');
    }
    const body = await readBody(request);
    if (body === null) return answer(response, 413, 'too large');
    try {
      for (const record of spansOfExport(JSON.parse(body))) writeSpan(mirror, sanitizeOtlp(record));
    } catch {
      return answer(response, 400, 'no OTLP/JSON trace export');
    }
    answer(response, 200);
  };
  const server = createServer((request, response) => {
    receive(request, response).catch(() => response.destroy());
  });
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
