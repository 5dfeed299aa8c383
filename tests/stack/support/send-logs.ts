import type { OtlpAttribute, OtlpValue } from '../../support/otlp-spans.ts';

export type SentLog = {
  body: OtlpValue;
  severityText?: string;
  eventName?: string;
  attributes?: OtlpAttribute[];
};

/** Log records that no gateway made, straight to the collector, and the status that it answers with. */
export const sendLogs = async (otlpUrl: string, logs: SentLog[], scope = 'test'): Promise<number> => {
  const timeUnixNano = String(BigInt(Date.now()) * 1_000_000n);
  const logRecords = logs.map((log) => ({ timeUnixNano, ...log }));
  const response = await fetch(`${otlpUrl}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ scope: { name: scope }, logRecords }] }] }),
  });
  await response.arrayBuffer();
  return response.status;
};
