import { type GatewayError, toGatewayError } from '../errors.ts';
import type { Answer, Exchange, Settlement } from './ports.ts';
import type { Call, TurnEvent } from './turn.ts';

/** The owners of the five phases, in the order in which a request meets them. */
export interface Phases {
  /** 1. Reads the request and finds it valid, or rejects. */
  httpIngress(exchange: Exchange): Promise<Call>;
  /** 2. Hands it to the backend. */
  backendSubmission(exchange: Exchange, call: Call): Promise<Answer>;
  /** 3. What the backend says, as it says it. */
  backendIo(exchange: Exchange, answer: Extract<Answer, { type: 'turn' }>): AsyncIterable<TurnEvent>;
  /** 4. What the client gets. Each of the three settles the request and never rejects. */
  clientEgress: {
    turn(
      exchange: Exchange,
      answer: Extract<Answer, { type: 'turn' }>,
      events: AsyncIterable<TurnEvent>,
    ): Promise<Settlement>;
    models(exchange: Exchange, answer: Extract<Answer, { type: 'models' }>): Promise<Settlement>;
    refuse(exchange: Exchange, error: GatewayError): Promise<Settlement>;
  };
  /** 5. Always, last, once. */
  usageSummary(exchange: Exchange, settlement: Settlement): void;
}

/** One request, from the first byte to the usage record. Never rejects: whatever happens is a settlement. */
export const runRequest = async (exchange: Exchange, phases: Phases): Promise<Settlement> => {
  const settlement = await pass(exchange, phases).catch((thrown: unknown) =>
    phases.clientEgress.refuse(exchange, toGatewayError(thrown)),
  );
  phases.usageSummary(exchange, settlement);
  return settlement;
};

const pass = async (exchange: Exchange, phases: Phases): Promise<Settlement> => {
  const call = await phases.httpIngress(exchange);
  const answer = await phases.backendSubmission(exchange, call);
  if (answer.type === 'models') return phases.clientEgress.models(exchange, answer);
  return phases.clientEgress.turn(exchange, answer, phases.backendIo(exchange, answer));
};
