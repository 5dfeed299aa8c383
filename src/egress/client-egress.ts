import type { GatewayError } from '../errors.ts';
import type { Exchange, Phases, Settlement, TurnAnswer } from '../gateway/ports.ts';
import type { ContentEvent, TurnEvent, TurnEvents } from '../gateway/turn.ts';
import { createAnswerCollector } from './answer.ts';
import type { CreateEncoder } from './encoder.ts';
import { NEVER, type StartKeepalive } from './keepalive.ts';
import { modelList, modelObject } from './models.ts';
import { refuse, sendJson } from './send-json.ts';
import { sendRelay } from './send-relay.ts';
import { sendStream } from './send-stream.ts';
import { createTally, endless, settled, unfinished } from './settle.ts';

const isContent = (event: TurnEvent): event is ContentEvent =>
  event.type !== 'usage' && event.type !== 'done' && event.type !== 'failed';

/** Phase 4: streams an answer, sends it whole, or refuses; each way settles the request. */
export const createClientEgress = (
  createEncoder: CreateEncoder,
  startedSeconds: number,
  startKeepalive: StartKeepalive = NEVER,
): Phases['clientEgress'] => {
  /** Everything is known before the first byte, so that a failed turn still gets its HTTP status. */
  const sendWhole = async (
    exchange: Exchange,
    { turn }: TurnAnswer,
    events: TurnEvents,
  ): Promise<Settlement> => {
    const tally = createTally(exchange);
    const collector = createAnswerCollector();
    let failure: GatewayError | null = null;
    for await (const step of events) {
      for (const event of step) {
        tally.take(event);
        if (isContent(event)) collector.take(event);
        if (event.type === 'failed') failure = event.error;
      }
    }
    // Not before the loop's end, and with it the backend's: it is what has failed.
    if (failure) return { ...(await refuse(exchange, failure)), ...tally.counts };
    const { finishReason, usage } = tally.counts;
    if (finishReason === null) return refuse(exchange, endless());
    const body = createEncoder(turn).whole(collector.outputs, finishReason, usage);
    const complete = await sendJson(exchange, 200, body);
    return { ...(complete ? settled(200, 'completed') : unfinished(exchange, 200)), ...tally.counts };
  };

  return {
    refuse,
    async models(exchange, answer) {
      const body =
        answer.type === 'model'
          ? modelObject(answer.model, startedSeconds)
          : modelList(answer.models, startedSeconds);
      const complete = await sendJson(exchange, 200, body);
      return complete ? settled(200, 'completed') : unfinished(exchange, 200);
    },
    relay: sendRelay,
    async methods(exchange, { methods }) {
      exchange.client.head(204, { allow: methods.join(', ') });
      const complete = await exchange.client.end();
      return complete ? settled(204, 'completed') : unfinished(exchange, 204);
    },
    async turn(exchange, answer, events) {
      const settlement = answer.turn.stream
        ? await sendStream(exchange, createEncoder(answer.turn), events, startKeepalive)
        : await sendWhole(exchange, answer, events);
      if (settlement.usageComplete) return settlement;
      // Of an answer that is cut, the last that is told of its usage comes when its turn has ended.
      const { usage } = await answer.running.stop();
      return { ...settlement, usage: usage ?? settlement.usage };
    },
  };
};
