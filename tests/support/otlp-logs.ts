import { type Attributes, attributesOf, type OtlpAttribute, type OtlpValue } from './otlp-spans.ts';

/** OTLP/JSON log records as plain data that a test can compare. */

type OtlpLog = {
  timeUnixNano: string | number;
  severityNumber?: number;
  severityText?: string;
  body?: OtlpValue;
  attributes?: OtlpAttribute[];
  traceId?: string;
  spanId?: string;
};
export type ResourceLogs = {
  resource?: { attributes?: OtlpAttribute[] };
  scopeLogs?: { logRecords?: OtlpLog[] }[];
};

export type ReceivedLog = {
  body: string | undefined;
  time: string;
  severity: string;
  attributes: Attributes;
  traceId: string | undefined;
  spanId: string | undefined;
  resource: Attributes;
};

const receivedLog = (log: OtlpLog, resource: Attributes): ReceivedLog => ({
  body: log.body?.stringValue,
  time: new Date(Number(BigInt(log.timeUnixNano) / 1_000_000n)).toISOString(),
  severity: `${log.severityNumber} ${log.severityText}`,
  attributes: attributesOf(log.attributes),
  traceId: log.traceId,
  spanId: log.spanId,
  resource,
});

export const flattenLogs = (batches: readonly ResourceLogs[]): ReceivedLog[] =>
  batches.flatMap(({ resource, scopeLogs = [] }) => {
    const resourceAttributes = attributesOf(resource?.attributes);
    return scopeLogs.flatMap(({ logRecords = [] }) =>
      logRecords.map((log) => receivedLog(log, resourceAttributes)),
    );
  });
