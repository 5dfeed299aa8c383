import type { FinishReason, Turn, Usage } from '../gateway/turn.ts';

/** One SSE frame of a stream. */
export interface Frame {
  /** What goes on the wire, as one line. */
  readonly data: string;
  /** What the event shows; `text` replaces the frame's own text by the part that is safe to show. */
  show(text: string): unknown;
  /** The frame's share of the answer's text. */
  readonly text: string;
  /** True for the API's terminal frame. */
  readonly terminal: boolean;
}

/** The shapes of one API. An encoder belongs to one request and holds its id and time. */
export interface Encoder {
  /** Streamed: what comes before the first text. */
  open(): Frame[];
  text(delta: string): Frame[];
  done(finishReason: FinishReason, usage: Usage | null): Frame[];
  failed(body: unknown): Frame[];
  /** Plain: the whole answer. */
  whole(text: string, finishReason: FinishReason, usage: Usage | null): unknown;
}

export type CreateEncoder = (turn: Turn) => Encoder;
