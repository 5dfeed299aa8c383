import type { Answer, Exchange, Phases, Settlement } from '../gateway/ports.ts';
import type { TurnEvent } from '../gateway/turn.ts';
import type { CreateEncoder } from './encoder.ts';
import { modelList } from './models.ts';
import { refuse, sendJson } from './send-json.ts';
import { sendStream } from './send-stream.ts';
import { createTally, endless, settled, unfinished } from './settle.ts';

type TurnAnswer = Extract<Answer, { type: 'turn' }>;

/** Phase 4: streams an answer, sends it whole, or refuses; each way settles the request. */
export const createClientEgress = (
  createEncoder: CreateEncoder,
  startedSeconds: number,
): Phases['clientEgress'] => {
  /** Everything is known before the first byte, so that a failed turn still gets its HTTP status. */
  const sendWhole = async (
    exchange: Exchange,
    { turn }: TurnAnswer,
    events: AsyncIterable<TurnEvent>,
  ): Promise<Settlement> => {
    const tally = createTally(exchange);
    let text = '';
    for await (const event of events) {
      tally.take(event);
      if (event.type === 'text') text += event.delta;
      if (event.type === 'failed') return { ...(await refuse(exchange, event.error)), ...tally.counts };
    }
    const { finishReason, usage } = tally.counts;
    if (finishReason === null) return refuse(exchange, endless());
    const complete = await sendJson(exchange, 200, createEncoder(turn).whole(text, finishReason, usage));
    return { ...(complete ? settled(200, 'completed') : unfinished(exchange, 200)), ...tally.counts };
  };

  return {
    refuse,
    async models(exchange, { models }) {
      const complete = await sendJson(exchange, 200, modelList(models, startedSeconds));
      return complete ? settled(200, 'completed') : unfinished(exchange, 200);
    },
    turn: (exchange, answer, events) =>
      answer.turn.stream
        ? sendStream(exchange, createEncoder(answer.turn), events)
        : sendWhole(exchange, answer, events),
  };
};
