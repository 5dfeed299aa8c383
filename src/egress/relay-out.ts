import { errorBody, type GatewayError, type RequestIds } from '../errors.ts';
import type { Exchange, Outcome } from '../gateway/ports.ts';
import type { Api, RelayEvent, RelayFrame, RelayHeaders } from '../gateway/relay.ts';
import { idsOf } from '../gateway/request-ids.ts';
import { type EgressSpan, openEgressSpan } from './egress-span.ts';

/** The events of an answer except its end. */
type Piece = Exclude<RelayEvent, { type: 'end' | 'failed' }>;

/** Writes a relayed answer to the client. The head waits for the first bytes, so that an earlier failure still gets its own status. */
export interface RelayOut {
  isOpen(): boolean;
  isStream(): boolean;
  /** Whether the API's last frame was written. */
  hasTerminal(): boolean;
  status(): number;
  /** Writes a piece. A promise: the client has no room for more, or has disconnected, and then it rejects. */
  take(piece: Piece): Promise<void> | null;
  /** Ends the answer. True if every byte was sent. */
  end(): Promise<boolean>;
  /** Ends a stream with an error event. */
  sayFailed(error: GatewayError): Promise<void>;
  /** Closes the connection, so that the answer does not look complete. */
  cut(): void;
  /** Records the last frame. `isGood`: whether the answer has no error. */
  tellDone(isGood: boolean): void;
  close(outcome: Outcome, error: GatewayError | null): void;
}

/** Asks proxies not to buffer a stream. */
const STREAM_HEADERS = { 'x-accel-buffering': 'no' };

const bodilessStatus = (status: number): boolean => status === 204 || status === 304;

/** The error event of a failed stream, in the shape of its API. */
const failedEvent = (api: Api, error: GatewayError, ids: RequestIds, number: number | null) => {
  const body = errorBody(error, ids);
  if (api !== 'responses') return { shown: body, wire: `data: ${JSON.stringify(body)}\n\n` };
  const { type, ...rest } = body.error;
  const event = { type: 'error', sequence_number: number ?? 0, ...rest, error_type: type };
  return { shown: event, wire: `event: error\ndata: ${JSON.stringify(event)}\n\n` };
};

interface Head {
  readonly status: number;
  readonly headers: RelayHeaders;
  readonly kind: 'stream' | 'whole' | 'bytes';
}

/** Records the frames of a stream. The last one waits until it is known whether the answer is good. */
const createFrameNotes = (egress: () => EgressSpan) => {
  let terminal: RelayFrame | null = null;
  let isWritten = false;
  let next: number | null = null;
  const tell = ({ shown, bulk }: RelayFrame): void =>
    egress().span.event('client_sse', { payload: shown, bulk });
  return {
    take(frame: RelayFrame): void {
      if (frame.number !== null) next = frame.number + 1;
      if (frame.terminal) terminal = frame;
      else tell(frame);
    },
    /** Call when the taken frames have been written. */
    written(): void {
      isWritten = terminal !== null;
    },
    tellDone(isGood: boolean): void {
      if (!terminal) return;
      if (isGood) egress().span.event('client_sse_done', { payload: terminal.shown });
      else tell(terminal);
    },
    hasTerminal: () => isWritten,
    next: () => next,
  };
};

type Whole = Extract<Piece, { type: 'whole' }>;

/** Sends a whole answer. Must run after the backend's end is recorded: a client may disconnect once it has the whole answer. */
const sendWhole = async (
  { span, head, write, end }: EgressSpan,
  { status, headers }: Head,
  { bytes, shown }: Whole,
): Promise<boolean> => {
  span.event('client_json', { statusCode: status, payload: shown });
  const length = { 'content-length': String(bytes.length) };
  head(status, { ...headers, ...(!bodilessStatus(status) && length) });
  try {
    if (bytes.length > 0) await write(bytes);
  } catch {
    await end();
    return false;
  }
  return end();
};

export const createRelayOut = (exchange: Exchange, api: Api): RelayOut => {
  const { client } = exchange;
  let head: Head = { status: 502, headers: {}, kind: 'bytes' };
  let egress: EgressSpan | null = null;
  let whole: Whole | null = null;

  const span = (): EgressSpan => (egress ??= openEgressSpan(exchange));
  /** Writes the head before the first piece. */
  const opened = (): EgressSpan => {
    const isFirst = egress === null;
    const out = span();
    if (isFirst) out.head(head.status, { ...head.headers, ...(head.kind === 'stream' && STREAM_HEADERS) });
    return out;
  };
  const notes = createFrameNotes(opened);

  return {
    isOpen: () => egress !== null || client.headSent,
    isStream: () => head.kind === 'stream',
    hasTerminal: notes.hasTerminal,
    status: () => head.status,
    take(piece) {
      if (piece.type === 'head') head = piece;
      else if (piece.type === 'whole') whole = piece;
      else if (!client.bodiless) {
        const { write } = opened();
        if (piece.type === 'frames') for (const frame of piece.frames) notes.take(frame);
        const waits = piece.bytes.length > 0 ? write(piece.bytes) : null;
        if (waits !== null) return waits.then(notes.written);
        notes.written();
      }
      return null;
    },
    end() {
      if (!client.bodiless) return whole ? sendWhole(span(), head, whole) : opened().end();
      client.head(head.status, head.headers);
      return client.end();
    },
    async sayFailed(error) {
      const { shown, wire } = failedEvent(api, error, idsOf(exchange), notes.next());
      const out = opened();
      out.span.event('client_sse', { payload: shown });
      await out.write(wire)?.catch(() => undefined);
      await out.end();
    },
    cut: () => client.destroy(),
    tellDone: notes.tellDone,
    close(outcome, error) {
      if (error && error.outcome !== 'client_disconnect') egress?.span.fail(error.code, error.message);
      egress?.close(outcome);
    },
  };
};
