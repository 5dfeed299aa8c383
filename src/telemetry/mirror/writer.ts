import { type Clock, createTimestamps } from '../clock.ts';
import { ESSENTIAL } from './essential.ts';
import type { EventLine, SpanLine } from './line.ts';

/** Takes finished lines; false when a line was lost. `createNdjsonFile` is one. */
export interface LineSink {
  write(line: string, options?: { readonly isEssential?: boolean }): boolean;
}

type Headless<Line> = Omit<Line, 'v' | 'ts' | 'seq' | 'pid' | 'time_ns'>;

/** Puts version, time and sequence number on mirror lines: the one place where they are made. */
export interface MirrorWriter {
  event(line: Headless<EventLine>, timeNs?: bigint): void;
  span(line: Headless<SpanLine>, timeNs: bigint): void;
  /** The same for a line whose other members are JSON already. `rest` begins with the comma behind `seq`. */
  eventText(rest: string, timeNs: bigint, isEssential: boolean): void;
  spanText(rest: string, timeNs: bigint): void;
  /** Writes a line that was rendered here. */
  append(line: string): void;
  /** Counts lines that were lost before they came here, so that `seq` shows the gap. */
  skip(lines: number): void;
  /** The text of a `trace_error` line, for the file to append by itself after an outage. */
  traceError(message: string, detail: Record<string, unknown>): string;
}

const nowhere = {
  req_id: null,
  trace_id: null,
  span_id: null,
  direction: null,
  route: null,
  method: null,
  mode: null,
} as const;

/** @param pid - stands on each line where several processes write the file */
export const createMirrorWriter = (
  sink: LineSink,
  clock: Clock,
  firstSeq = 0,
  pid?: number,
): MirrorWriter => {
  let seq = firstSeq;
  const ofProcess = pid === undefined ? '' : `,"pid":${pid}`;
  const toTimestamp = createTimestamps();
  /** `v` and `type` stand first: readers find the start of a line by them behind a torn one. */
  const lineOf = (type: string, timeNs: bigint, rest: string): string =>
    `{"v":1,"type":"${type}","ts":"${toTimestamp(timeNs)}","time_ns":"${timeNs}","seq":${seq++}${ofProcess}${rest}`;
  const render = ({ type, ...rest }: Headless<EventLine> | Headless<SpanLine>, timeNs: bigint): string =>
    lineOf(type, timeNs, `,${JSON.stringify(rest).slice(1)}`);
  return {
    event: (line, timeNs = clock()) =>
      void sink.write(render(line, timeNs), { isEssential: ESSENTIAL.has(line.kind) }),
    span: (line, timeNs) => void sink.write(render(line, timeNs)),
    eventText: (rest, timeNs, isEssential) => void sink.write(lineOf('event', timeNs, rest), { isEssential }),
    spanText: (rest, timeNs) => void sink.write(lineOf('span', timeNs, rest)),
    append: (line) => void sink.write(line),
    skip(lines) {
      seq += lines;
    },
    traceError: (message, detail) =>
      render(
        {
          type: 'event',
          ...nowhere,
          phase: 'backend_io',
          kind: 'trace_error',
          payload: { message, ...detail },
          in_span: false,
        },
        clock(),
      ),
  };
};
