import type { TraceSpan } from '../../../gateway/ports.ts';

/** Whatever carries the lines: a child's pipes, a websocket. */
export interface Transport {
  /** For `network.transport`. */
  readonly kind: 'pipe' | 'tcp';
  /** False when the line cannot be taken: gone, or too much waits already. */
  send(line: string): boolean;
}

/** Opens the span of a call that is made for no request. */
export type OpenConnectionSpan = (method: string, attributes: Record<string, string>) => TraceSpan;
