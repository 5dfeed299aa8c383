import { toGatewayError } from '../errors.ts';
import type { Exchange, Phases, Settlement } from './ports.ts';

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
  if (call.type === 'methods') return phases.clientEgress.methods(exchange, call);
  const answer = await phases.backendSubmission(exchange, call);
  if (answer.type === 'models' || answer.type === 'model')
    return phases.clientEgress.models(exchange, answer);
  try {
    return answer.type === 'turn'
      ? await phases.clientEgress.turn(exchange, answer, phases.backendIo.turn(exchange, answer))
      : await phases.clientEgress.relay(exchange, answer, phases.backendIo.relay(exchange, answer));
  } finally {
    // A fault before the first event leaves a turn, or an answer, that nobody listens to and that nobody else would stop.
    answer.running.release();
  }
};
