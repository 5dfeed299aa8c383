import type { GatewayError, RequestIds } from '../errors.ts';
import type { ContentEvent, FinishReason, Turn, Usage } from '../gateway/turn.ts';
import type { Output } from './answer.ts';

/** One SSE frame of a stream. */
export type Frame = PlainFrame | DeltaFrame;

/** A frame that is shown as it is. */
export interface PlainFrame {
  readonly type: 'plain';
  /** The SSE event's name, for APIs that name theirs. */
  readonly event: string | null;
  /** What goes on the wire as JSON, when its turn comes, since that may be large; a text goes as it is. */
  readonly body: unknown;
  /** True for the API's terminal frame. */
  readonly terminal: boolean;
}

/** A frame that carries a piece of one of the answer's texts. */
export interface DeltaFrame {
  readonly type: 'delta';
  readonly event: string | null;
  /** Which text goes on with it. */
  readonly of: string;
  /** The JSON text before the delta. */
  readonly before: string;
  readonly delta: string;
  readonly after: string;
}

/** The shapes of one API. An encoder belongs to one request and holds its id and time. */
export interface Encoder {
  /** Streamed: what comes before the first content. */
  open(): Frame[];
  content(event: ContentEvent): Frame[];
  done(finishReason: FinishReason, usage: Usage | null): Frame[];
  failed(error: GatewayError, ids: RequestIds, usage: Usage | null): Frame[];
  /** Plain: the whole answer. */
  whole(outputs: readonly Output[], finishReason: FinishReason, usage: Usage | null): unknown;
}

export type CreateEncoder = (turn: Turn) => Encoder;

/** A frame that is shown as it is. `terminal`: it is the API's last one. */
export const plainFrame = (body: unknown, event: string | null = null, terminal = false): PlainFrame => ({
  type: 'plain',
  event,
  body,
  terminal,
});

/** What goes on the wire, as one line. */
export const dataOf = (frame: Frame): string => {
  if (frame.type === 'delta') return frame.before + JSON.stringify(frame.delta) + frame.after;
  return typeof frame.body === 'string' ? frame.body : JSON.stringify(frame.body);
};

/** The JSON text around a text. `shape` builds a value around it, and writes it once. */
export const around = (
  shape: (text: string) => unknown,
): { readonly before: string; readonly after: string } => {
  const [empty, one] = [JSON.stringify(shape('')), JSON.stringify(shape('x'))];
  let at = 0;
  while (empty.charCodeAt(at) === one.charCodeAt(at)) at++;
  // They part behind the quote that opens the text.
  return { before: empty.slice(0, at - 1), after: empty.slice(at + 1) };
};

/** Makes the frames of the text `of`, each by `shape` around its delta, which is asked for that once. */
export const createDeltas = (
  of: string,
  shape: (delta: string) => unknown,
): ((delta: string) => DeltaFrame) => {
  let texts: ReturnType<typeof around> | undefined;
  return (delta) => {
    texts ??= around(shape);
    return { type: 'delta', event: null, of, before: texts.before, delta, after: texts.after };
  };
};
