import { type Sanitizer, spanIdsIn, toTimestamp } from '../telemetry/index.ts';
import type { UsageFacts, UsageRecord } from './usage-record.ts';

/** Appends usage records to an NDJSON file. */
export interface UsageLog {
  append(facts: UsageFacts): void;
}

interface LineSink {
  write(line: string): boolean;
}

export const createUsageLog = (sink: LineSink, { sanitizeJson }: Sanitizer): UsageLog => ({
  append({ time_ns, ...facts }) {
    const line: UsageRecord = {
      v: 1,
      ts: toTimestamp(BigInt(time_ns)),
      time_ns,
      phase: 'usage_summary',
      kind: 'usage',
      ...facts,
    };
    sink.write(JSON.stringify({ ...(sanitizeJson(line) as UsageRecord), ...spanIdsIn(line) }));
  },
});
