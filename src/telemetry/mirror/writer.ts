import { type Clock, toTimestamp } from '../clock.ts';
import type { EventLine, SpanLine } from './line.ts';

/** Takes finished lines; false when a line was lost. `createNdjsonFile` is one. */
export interface LineSink {
  write(line: string, options?: { readonly isEssential?: boolean }): boolean;
}

type Headless<Line> = Omit<Line, 'v' | 'ts' | 'seq' | 'time_ns'>;

/** Puts version, time and sequence number on mirror lines: the one place where they are made. */
export interface MirrorWriter {
  event(line: Headless<EventLine>, timeNs?: bigint): void;
  span(line: Headless<SpanLine>, timeNs: bigint): void;
  /** The text of a `trace_error` line, for the file to append by itself after an outage. */
  traceError(message: string, detail: Record<string, unknown>): string;
}

/** Events without which nobody could say how a request began and ended; of the others the newest are lost first. */
const ESSENTIAL: ReadonlySet<string | null> = new Set([
  'client_request',
  'usage',
  'backend_start',
  'backend_exit',
  'trace_error',
]);

const nowhere = {
  req_id: null,
  trace_id: null,
  span_id: null,
  direction: null,
  route: null,
  method: null,
  mode: null,
} as const;

export const createMirrorWriter = (sink: LineSink, clock: Clock): MirrorWriter => {
  let seq = 0;
  const render = (line: Headless<EventLine> | Headless<SpanLine>, timeNs: bigint): string => {
    // `v` and `type` stand first: readers find the start of a line by them behind a torn one.
    const head = { ts: toTimestamp(timeNs), time_ns: String(timeNs), seq: seq++ };
    const { type, ...rest } = line;
    return JSON.stringify({ v: 1, type, ...head, ...rest });
  };
  return {
    event: (line, timeNs = clock()) =>
      void sink.write(render(line, timeNs), { isEssential: ESSENTIAL.has(line.kind) }),
    span: (line, timeNs) => void sink.write(render(line, timeNs)),
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
