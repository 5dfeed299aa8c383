import { type GatewayError, toGatewayError } from '../errors.ts';
import type { Exchange, Payload, Settlement, TraceSpan } from '../gateway/ports.ts';
import { idsOf } from '../gateway/request-ids.ts';
import type { TurnEvent, TurnEvents, Usage } from '../gateway/turn.ts';
import { type EgressSpan, openEgressSpan } from './egress-span.ts';
import { dataOf, type Encoder, type Frame } from './encoder.ts';
import { NEVER, type StartKeepalive } from './keepalive.ts';
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
  return (frame: Frame, isCut: boolean): Payload =>
    frame.type === 'delta'
      ? texts.frame(frame.of, frame.before, frame.delta, frame.after)
      : // The last word of a text was held back until no more of it could come; it is told with the frame behind it.
        span.payload(frame.body, texts.rest(!isCut));
};

const onWire = (frame: Frame): string =>
  frame.event === null ? `data: ${dataOf(frame)}\n\n` : `event: ${frame.event}\ndata: ${dataOf(frame)}\n\n`;

/** Frames are written together up to about this length. */
const WRITE_CHARS = 64 * 1024;

const openStream = (exchange: Exchange): Stream => {
  const egress = openEgressSpan(exchange);
  const show = createView(egress.span);
  let terminal: Frame | undefined;
  egress.head(200, HEADERS);
  return {
    egress,
    async send(frames, isCut = false) {
      let wire = '';
      for (const frame of frames) {
        const isDelta = frame.type === 'delta';
        if (!isDelta && frame.terminal) terminal = frame;
        else egress.span.event('client_sse', { payload: show(frame, isCut), bulk: isDelta });
        wire += onWire(frame);
        if (wire.length < WRITE_CHARS) continue;
        await egress.write(wire);
        wire = '';
      }
      if (wire !== '') await egress.write(wire);
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

/** Makes the first of these frames that carries text. Where that cannot be made, nothing has been sent yet, and the request gets its status. */
const assertWritable = (frames: readonly Frame[]): void => {
  const first = frames.find(({ type }) => type === 'delta');
  if (first) dataOf(first);
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

/** Writes a comment where nothing else is sent, and is under way itself until the client has room for it. */
const createComments = (open: () => Stream, start: StartKeepalive) => {
  let isSending = false;
  let comment: Promise<void> | null = null;
  const keepalive = start(() => {
    if (isSending || comment !== null) return;
    comment = open().keepAlive();
    comment.then(
      () => (comment = null),
      () => undefined,
    );
  });
  return {
    /** Sends something else, behind a comment that is under way. Rejects where that one could not be written. */
    async instead(send: () => Promise<void>): Promise<void> {
      isSending = true;
      await comment;
      await send();
      keepalive.sent();
      isSending = false;
    },
    /** Rejects where a comment could not be written. */
    written: () => comment,
    stop: keepalive.stop,
  };
};

/**
 * Streams a turn. The head goes out with the first text, so that what fails before it still gets its HTTP status; or with
 * the first keep-alive comment, where that comes first.
 */
export const sendStream = async (
  exchange: Exchange,
  encoder: Encoder,
  events: TurnEvents,
  startKeepalive: StartKeepalive = NEVER,
): Promise<Settlement> => {
  const tally = createTally(exchange);
  let opening: readonly Frame[] | null = encoder.open();
  /** With what an answer of the API begins, where nothing of it was sent yet: after comments alone too. */
  const begun = (frames: readonly Frame[]): readonly Frame[] => {
    if (!opening) return frames;
    const all = [...opening, ...frames];
    opening = null;
    return all;
  };
  let stream = null as Stream | null;
  const open = (): Stream => (stream ??= openStream(exchange));
  const comments = createComments(open, startKeepalive);
  let failure: GatewayError | null = null;
  const encode = (event: TurnEvent): readonly Frame[] => {
    tally.take(event);
    if (event.type === 'failed') failure = event.error;
    return framesOf(event, encoder, tally.counts.usage);
  };
  try {
    for await (const step of events) {
      const frames = step.flatMap(encode);
      if (frames.length === 0) continue;
      if (!stream) assertWritable(frames);
      await comments.instead(() => open().send(begun(frames)));
      const room = open().egress.span.room();
      if (room !== null) await room;
    }
    await comments.written();
    if (!failure && tally.counts.finishReason === null) failure = endless();
  } catch (thrown) {
    failure = toGatewayError(thrown);
  }
  comments.stop();
  const failed = (error: GatewayError) => begun(encoder.failed(error, idsOf(exchange), tally.counts.usage));
  const settlement = stream
    ? await closeStream(exchange, stream, failed, failure)
    : await refuse(exchange, failure ?? endless());
  return { ...settlement, ...tally.counts };
};
