import type { GatewayError, RequestIds } from '../errors.ts';
import type { ShownText } from '../gateway/ports.ts';
import type { ContentEvent, FinishReason, Turn, Usage } from '../gateway/turn.ts';
import type { Output } from './answer.ts';

/** A text, or what events show in its place. */
export type Text = string | ShownText;

/** One SSE frame of a stream. */
export interface Frame {
  /** The SSE event's name, for APIs that name theirs. */
  readonly event: string | null;
  /** What goes on the wire, as one line. Made when it is asked for, since it may be large. */
  readonly data: string;
  /** What the event shows; `text` replaces the frame's own delta by the part that is safe to show. */
  show(text: Text): unknown;
  /** The delta of the answer that the frame carries, and the text that it continues. */
  readonly delta: { readonly of: string; readonly text: string } | null;
  /** True for the API's terminal frame. */
  readonly terminal: boolean;
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

/** What goes on the wire is made once, when it is first asked for. */
const createFrame = (make: () => string, rest: Omit<Frame, 'data'>): Frame => {
  let data: string | undefined;
  return {
    ...rest,
    get data() {
      data ??= make();
      return data;
    },
  };
};

/** A frame that is shown as it is. */
export const plainFrame = (body: unknown, event: string | null = null, terminal = false): Frame =>
  createFrame(() => JSON.stringify(body), { event, show: () => body, delta: null, terminal });

/** A frame that carries a piece of the text `of`; `shape` builds its body around a text. */
export const deltaFrame = (
  shape: (text: string) => unknown,
  delta: { of: string; text: string },
  event: string | null = null,
): Frame =>
  createFrame(() => JSON.stringify(shape(delta.text)), {
    event,
    show: (text) => shape(text as string),
    delta,
    terminal: false,
  });
