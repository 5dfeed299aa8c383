import { sanitizeJson, toTimestamp } from '../telemetry/index.ts';
import type { UsageRecord } from './usage-record.ts';

/** Appends usage records to an NDJSON file. */
export interface UsageLog {
  append(record: Omit<UsageRecord, 'v' | 'ts'>): void;
}

interface LineSink {
  write(line: string): boolean;
}

export const createUsageLog = (sink: LineSink): UsageLog => ({
  append(record) {
    const line: UsageRecord = { v: 1, ts: toTimestamp(BigInt(record.time_ns)), ...record };
    sink.write(JSON.stringify(sanitizeJson(line)));
  },
});
