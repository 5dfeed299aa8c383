import type { Attributes } from '../../support/otlp-spans.ts';
import { fetchJson, type PollOptions, poll } from './poll.ts';

type Tag = { key: string; value: unknown };
type JaegerSpan = {
  traceID: string;
  spanID: string;
  operationName: string;
  references: { refType: string; spanID: string }[];
  tags: Tag[];
  logs: { fields: Tag[] }[];
  processID: string;
};
type JaegerTrace = { spans: JaegerSpan[]; processes: Record<string, { serviceName: string }> };

/** A span as Jaeger gives it back, with the tags as attributes. */
export type FoundSpan = {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  service: string;
  attributes: Attributes;
  events: Attributes[];
};

const attributesOf = (tags: Tag[]): Attributes =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]));

const spansOf = ({ spans, processes }: JaegerTrace): FoundSpan[] =>
  spans.map((span) => ({
    name: span.operationName,
    traceId: span.traceID,
    spanId: span.spanID,
    parentSpanId: span.references.find(({ refType }) => refType === 'CHILD_OF')?.spanID,
    service: processes[span.processID]?.serviceName ?? '',
    attributes: attributesOf(span.tags),
    events: span.logs.map(({ fields }) => attributesOf(fields)),
  }));

/** What the README tells people to ask: the traces of a service in which a span has these tags. */
export const findByTags = async (
  queryUrl: string,
  tags: Record<string, string>,
  service = 'throughline',
): Promise<FoundSpan[]> => {
  const query = new URLSearchParams({ service, tags: JSON.stringify(tags), limit: '1000' });
  const { data } = await fetchJson<{ data: JaegerTrace[] | null }>(`${queryUrl}/api/traces?${query}`);
  return (data ?? []).flatMap(spansOf);
};

export const findRequest = (queryUrl: string, reqId: string): Promise<FoundSpan[]> =>
  findByTags(queryUrl, { req_id: reqId });

export const findTrace = async (queryUrl: string, traceId: string): Promise<FoundSpan[]> => {
  const { data } = await fetchJson<{ data: JaegerTrace[] | null }>(`${queryUrl}/api/traces/${traceId}`);
  return (data ?? []).flatMap(spansOf);
};

/** Batches come one by one, so a trace grows for a while: asks until it is what the caller expects. */
export const untilFound = (
  queryUrl: string,
  reqId: string,
  isComplete: (spans: FoundSpan[]) => boolean,
  options: PollOptions = {},
): Promise<FoundSpan[]> => {
  let seen: string[] = [];
  return poll(
    `request ${reqId} in Jaeger`,
    async () => {
      const spans = await findRequest(queryUrl, reqId);
      seen = spans.map(({ name }) => name);
      return isComplete(spans) && spans;
    },
    options,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; seen: ${seen.join(', ')}`);
  });
};

export const hasSpans =
  (...names: string[]) =>
  (spans: readonly FoundSpan[]): boolean =>
    names.every((name) => spans.some((span) => span.name === name));
