import { errorBody, type GatewayError, toGatewayError } from '../errors.ts';
import type { Exchange, Settlement, TextStream } from '../gateway/ports.ts';
import type { TurnEvent } from '../gateway/turn.ts';
import { type EgressSpan, openEgressSpan } from './egress-span.ts';
import type { Encoder, Frame } from './encoder.ts';
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
  send(frames: readonly Frame[]): Promise<void>;
  /** Ends the response. True when every byte went out, of which the API's terminal frame then was the last. */
  end(): Promise<boolean>;
}

const showFrame = (frame: Frame, held: TextStream): unknown => {
  if (frame.text) return frame.show(held.push(frame.text));
  const shown = frame.show('');
  const held_text = held.flush();
  // The last word of the text was held back until no more of it could come; it is told with the frame behind it.
  return held_text && typeof shown === 'object' ? { ...shown, held_text } : shown;
};

const openStream = (exchange: Exchange): Stream => {
  const egress = openEgressSpan(exchange);
  const held = egress.span.textStream();
  let terminal: Frame | undefined;
  egress.head(200, HEADERS);
  return {
    egress,
    async send(frames) {
      for (const frame of frames) {
        if (frame.terminal) terminal = frame;
        else egress.span.event('client_sse', { payload: showFrame(frame, held), bulk: frame.text !== '' });
        await egress.write(`data: ${frame.data}\n\n`);
      }
    },
    async end() {
      const complete = await egress.end();
      if (complete && terminal) egress.span.event('client_sse_done', { payload: showFrame(terminal, held) });
      return complete;
    },
  };
};

const framesOf = (event: TurnEvent, encoder: Encoder, usage: Settlement['usage']): Frame[] => {
  switch (event.type) {
    case 'text':
      return encoder.text(event.delta);
    case 'done':
      return encoder.done(event.finishReason, usage);
    case 'reasoning':
    case 'usage':
    case 'failed':
      return [];
  }
};

/** Ends the stream: with an error event in the API's own shape where the turn failed, silently where nobody reads. */
const closeStream = async (
  exchange: Exchange,
  { egress, send, end }: Stream,
  encoder: Encoder,
  failure: GatewayError | null,
): Promise<Settlement> => {
  const left = failure?.outcome === 'client_disconnect';
  if (failure && !left) await send(encoder.failed(errorBody(failure, exchange.reqId))).catch(() => undefined);
  const complete = await end();
  const isSettled = complete || failure !== null;
  const settlement = isSettled
    ? settled(200, failure?.outcome ?? 'completed', failure)
    : unfinished(exchange, 200);
  const { error } = settlement;
  if (error && error.outcome !== 'client_disconnect') egress.span.fail(error.code, error.message);
  egress.close(settlement.outcome);
  return settlement;
};

/** Streams a turn. The head goes out with the first text, so that what fails before it still gets its HTTP status. */
export const sendStream = async (
  exchange: Exchange,
  encoder: Encoder,
  events: AsyncIterable<TurnEvent>,
): Promise<Settlement> => {
  const tally = createTally(exchange);
  let stream: Stream | null = null;
  let failure: GatewayError | null = null;
  try {
    for await (const event of events) {
      tally.take(event);
      if (event.type === 'failed') failure = event.error;
      const frames = framesOf(event, encoder, tally.counts.usage);
      if (frames.length === 0) continue;
      const opening = stream ? [] : encoder.open();
      stream ??= openStream(exchange);
      await stream.send([...opening, ...frames]);
    }
    if (!failure && tally.counts.finishReason === null) failure = endless();
  } catch (thrown) {
    failure = toGatewayError(thrown);
  }
  const settlement = stream
    ? await closeStream(exchange, stream, encoder, failure)
    : await refuse(exchange, failure ?? endless());
  return { ...settlement, ...tally.counts };
};
