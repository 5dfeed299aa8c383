import type { MirrorLine } from '../../src/telemetry/mirror/line.ts';
import type { UsageRecord } from '../../src/usage/usage-record.ts';
import type { GatewayProcess, LogLine } from '../support/gateway.ts';
import { complaints } from '../support/schemas.ts';
import type { Profile } from './row.ts';
import { untilIdle } from './when.ts';

/** What a profile's gateway left behind, once it had ended. */
export interface Remains {
  readonly code: number | null;
  /** Lines that do not fit their schemas. */
  readonly complaints: readonly string[];
  /** Spans that have events in the mirror and never ended. */
  readonly openSpans: readonly string[];
  /** Requests whose usage record, SERVER span and access line are not exactly one each. */
  readonly uneven: readonly string[];
}

const openSpansOf = (lines: readonly MirrorLine[]): string[] => {
  const ended = new Set(lines.flatMap((line) => (line.type === 'span' ? [line.span_id] : [])));
  return lines
    .filter((line) => line.type === 'event' && line.span_id !== null && !ended.has(line.span_id))
    .map((line) => `${line.req_id} ${line.phase}`);
};

const serversOf = (lines: readonly MirrorLine[]): (string | null)[] =>
  lines.flatMap((line) =>
    line.type === 'span' && line.span_kind === 'SERVER' && line.service === 'throughline'
      ? [line.req_id]
      : [],
  );

const unevenOf = (
  lines: readonly MirrorLine[],
  usage: readonly UsageRecord[],
  access: readonly LogLine[],
): string[] => {
  // A health check has a SERVER span, and no request id on it.
  const ids = [
    ...serversOf(lines),
    ...usage.map(({ req_id }) => req_id),
    ...access.map((line) => String(line['req_id'])),
  ].filter((reqId) => reqId !== null);
  return [...new Set(ids)].filter((reqId) => ids.filter((each) => each === reqId).length !== 3);
};

/** Ends the gateway, as soon as nothing runs in it any more, and looks at what it wrote. */
export const remainsOf = async (gateway: GatewayProcess, { ends }: Profile): Promise<Remains> => {
  if (!ends) await untilIdle(gateway);
  // One that ends by itself is not told once more: that would end it at once.
  const { code } = await (ends ? gateway.exited : gateway.stop());
  const [lines, usage] = await Promise.all([gateway.mirror(), gateway.usage()]);
  const access = gateway.log.filter(({ kind }) => kind === 'access');
  return {
    code,
    complaints: [
      ...complaints('mirror-line', lines),
      ...complaints('usage-record', usage),
      ...complaints('access-line', access),
    ],
    openSpans: openSpansOf(lines),
    uneven: unevenOf(lines, usage, access),
  };
};
