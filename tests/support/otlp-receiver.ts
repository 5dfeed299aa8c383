import { listenOnLoopback, readJson } from './loopback.ts';
import { flattenLogs, type ReceivedLog, type ResourceLogs } from './otlp-logs.ts';
import {
  buildTree,
  flattenSpans,
  type ReceivedSpan,
  type ResourceSpans,
  type SpanNode,
} from './otlp-spans.ts';
import { createWaiters } from './wait-until.ts';

export type OtlpReceiver = {
  /** Without a path, as `OTEL_EXPORTER_OTLP_ENDPOINT` wants it. */
  url: string;
  /** The batches as they were received, and when (ms since the epoch). */
  batches: readonly { at: number; resourceSpans: ResourceSpans[] }[];
  spans(): ReceivedSpan[];
  byTrace(traceId: string): ReceivedSpan[];
  tree(traceId: string): SpanNode[];
  /** Resolves once `find` gives something truthy for all the spans so far; tried again with each export. */
  waitFor<T>(find: (spans: ReceivedSpan[]) => T | undefined | false): Promise<T>;
  logs(): ReceivedLog[];
  /** Resolves with the first log record that fits, one that is there already included. */
  waitForLog(find: (log: ReceivedLog) => boolean): Promise<ReceivedLog>;
  reset(): void;
  close(): Promise<void>;
};

type Body = { resourceSpans?: ResourceSpans[]; resourceLogs?: ResourceLogs[] };

/** Receives traces and logs over OTLP/HTTP with JSON bodies, on loopback, and keeps them. Other signals and encodings are refused. */
export async function createOtlpReceiver({ port = 0 }: { port?: number } = {}): Promise<OtlpReceiver> {
  const batches: { at: number; resourceSpans: ResourceSpans[] }[] = [];
  const resourceLogs: ResourceLogs[] = [];
  const waiters = createWaiters();
  const spans = () => flattenSpans(batches.flatMap((batch) => batch.resourceSpans));
  const byTrace = (traceId: string) => spans().filter((span) => span.traceId === traceId);

  const loopback = await listenOnLoopback((request, response) => {
    const respond = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (request.method !== 'POST' || !['/v1/traces', '/v1/logs'].includes(request.url ?? '')) {
      respond(404, { message: `${request.method} ${request.url}` });
      return;
    }
    if (!request.headers['content-type']?.startsWith('application/json')) {
      respond(415, { message: 'only OTLP/JSON' });
      return;
    }
    readJson(request).then(
      (body) => {
        const { resourceSpans, resourceLogs: logs = [] } = body as Body;
        if (resourceSpans) batches.push({ at: Date.now(), resourceSpans });
        resourceLogs.push(...logs);
        respond(200, { partialSuccess: {} });
        waiters.notify();
      },
      (error: unknown) => respond(400, { message: String(error) }),
    );
  }, port);

  return {
    url: loopback.url,
    batches,
    spans,
    byTrace,
    tree: (traceId) => buildTree(byTrace(traceId)),
    waitFor: (find) =>
      waiters.until(
        () => find(spans()),
        () =>
          `in ${batches.length} exports: ${spans()
            .map(({ name }) => name)
            .slice(0, 40)
            .join(', ')}`,
      ),
    logs: () => flattenLogs(resourceLogs),
    waitForLog: (find) =>
      waiters.until(
        () => flattenLogs(resourceLogs).find(find),
        () => JSON.stringify(flattenLogs(resourceLogs).slice(-5)),
      ),
    reset() {
      batches.length = 0;
      resourceLogs.length = 0;
    },
    close: loopback.close,
  };
}
