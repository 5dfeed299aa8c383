import { type GatewayError, toGatewayError } from '../errors.ts';
import type { Exchange, Settlement, TraceSpan } from '../gateway/ports.ts';
import { idsOf } from '../gateway/request-ids.ts';
import type { TurnEvent, Usage } from '../gateway/turn.ts';
import { type EgressSpan, openEgressSpan } from './egress-span.ts';
import type { Encoder, Frame } from './encoder.ts';
import { createNoPulse, type Pulse, QUIET, withQuiet } from './keepalive.ts';
import { refuse } from './send-json.ts';
import { createTally, endless, settled, unfinished } from './settle.ts';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** An open stream: every frame leaves its event just before its bytes. */
interface Stream {
  readonly egress: EgressSpan;
  /** `isCut`: they end an answer that failed. */
  send(frames: readonly Frame[], isCut?: boolean): Promise<void>;
  /** A comment, which clients skip: the connection is alive, though there is nothing to say. */
  keepAlive(): Promise<void>;
  /** Ends the response. True when every byte went out, of which the API's terminal frame then was the last. */
  end(): Promise<boolean>;
}

/** What the events of one stream show of its frames. `isCut`: of an answer that failed. */
const createView = (span: TraceSpan) => {
  const texts = span.texts();
  return (frame: Frame, isCut: boolean): unknown => {
    if (frame.delta) return frame.show(texts.push(frame.delta.of, frame.delta.text));
    const shown = frame.show('');
    // The last word of a text was held back until no more of it could come; it is told with the frame behind it.
    return span.payload(shown, texts.rest(!isCut));
  };
};

const onWire = ({ event, data }: Frame): string =>
  event === null ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;

const openStream = (exchange: Exchange): Stream => {
  const egress = openEgressSpan(exchange);
  const show = createView(egress.span);
  let terminal: Frame | undefined;
  egress.head(200, HEADERS);
  return {
    egress,
    async send(frames, isCut = false) {
      for (const frame of frames) {
        if (frame.terminal) terminal = frame;
        else egress.span.event('client_sse', { payload: show(frame, isCut), bulk: frame.delta !== null });
        await egress.write(onWire(frame));
      }
    },
    async keepAlive() {
      egress.span.event('keepalive', { bulk: true });
      await egress.write(': keepalive\n\n');
    },
    async end() {
      const complete = await egress.end();
      if (complete && terminal) egress.span.event('client_sse_done', { payload: show(terminal, false) });
      return complete;
    },
  };
};

/**
 * Opens the stream for these frames. Where one that carries text cannot be made, nothing has been sent yet, and the request gets its
 * status. The others may be large, and are made one by one.
 */
const openWith = (exchange: Exchange, frames: readonly Frame[]): Stream => {
  for (const frame of frames) if (frame.delta) void frame.data;
  return openStream(exchange);
};

const framesOf = (event: TurnEvent, encoder: Encoder, usage: Usage | null): Frame[] => {
  switch (event.type) {
    case 'text':
    case 'reasoning':
    case 'given_up':
    case 'tool_call':
      return encoder.content(event);
    case 'done':
      return encoder.done(event.finishReason, usage);
    case 'usage':
    case 'failed':
      return [];
  }
};

const settleStream = (exchange: Exchange, complete: boolean, failure: GatewayError | null): Settlement => {
  if (failure) return settled(exchange.client.headOut ? 200 : failure.status, failure.outcome, failure);
  return complete ? settled(200, 'completed') : unfinished(exchange, 200);
};

/** Ends the stream: with an error event in the API's own shape where the turn failed, silently where nobody reads. */
const closeStream = async (
  exchange: Exchange,
  { egress, send, end }: Stream,
  failed: (error: GatewayError) => readonly Frame[],
  failure: GatewayError | null,
): Promise<Settlement> => {
  const left = failure?.outcome === 'client_disconnect';
  if (failure && !left) await send(failed(failure), true).catch(() => undefined);
  const complete = await end();
  const settlement = settleStream(exchange, complete, failure);
  const { error } = settlement;
  if (error && error.outcome !== 'client_disconnect') egress.span.fail(error.code, error.message);
  egress.close(settlement.outcome);
  return settlement;
};

/**
 * Streams a turn. The head goes out with the first text, so that what fails before it still gets its HTTP status; or with
 * the first keep-alive comment, where that comes first.
 */
export const sendStream = async (
  exchange: Exchange,
  encoder: Encoder,
  events: AsyncIterable<TurnEvent>,
  pulse: Pulse = createNoPulse(),
): Promise<Settlement> => {
  const tally = createTally(exchange);
  let opening: readonly Frame[] | null = encoder.open();
  /** With what an answer of the API begins, where nothing of it was sent yet: after comments alone too. */
  const begun = (frames: readonly Frame[]): readonly Frame[] => {
    const all = [...(opening ?? []), ...frames];
    opening = null;
    return all;
  };
  let stream: Stream | null = null;
  let failure: GatewayError | null = null;
  try {
    for await (const event of withQuiet(events, pulse)) {
      if (event === QUIET) {
        stream ??= openStream(exchange);
        await stream.keepAlive();
        pulse.restart();
        continue;
      }
      tally.take(event);
      if (event.type === 'failed') failure = event.error;
      const frames = framesOf(event, encoder, tally.counts.usage);
      if (frames.length === 0) continue;
      const all = begun(frames);
      stream ??= openWith(exchange, all);
      await stream.send(all);
      pulse.restart();
    }
    if (!failure && tally.counts.finishReason === null) failure = endless();
  } catch (thrown) {
    failure = toGatewayError(thrown);
  }
  const failed = (error: GatewayError) => begun(encoder.failed(error, idsOf(exchange), tally.counts.usage));
  const settlement = stream
    ? await closeStream(exchange, stream, failed, failure)
    : await refuse(exchange, failure ?? endless());
  return { ...settlement, ...tally.counts };
};
