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
}

const showFrame = (frame: Frame, held: TextStream): unknown => {
  if (frame.text) return frame.show(held.push(frame.text));
  const held_text = held.flush();
  return held_text ? { frame: frame.show(''), held_text } : frame.show('');
};

const openStream = (exchange: Exchange): Stream => {
  const egress = openEgressSpan(exchange);
  const held = egress.span.textStream();
  const send = async (frames: readonly Frame[]): Promise<void> => {
    for (const frame of frames) {
      const payload = showFrame(frame, held);
      if (!frame.terminal) egress.span.event('client_sse', { payload, bulk: frame.text !== '' });
      await egress.write(`data: ${frame.data}\n\n`);
      if (frame.terminal) egress.span.event('client_sse_done', { payload });
    }
  };
  egress.head(200, HEADERS);
  return { egress, send };
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
  { egress, send }: Stream,
  encoder: Encoder,
  failure: GatewayError | null,
): Promise<Settlement> => {
  const left = failure?.outcome === 'client_disconnect';
  if (failure && !left) await send(encoder.failed(errorBody(failure, exchange.reqId))).catch(() => undefined);
  const complete = await egress.end();
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
