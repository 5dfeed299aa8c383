import { toGatewayError } from '../errors.ts';
import type { Answer, Backend, Exchange } from '../gateway/ports.ts';
import type { BackendCall } from '../gateway/turn.ts';

/** Phase 2. The backend's own calls become children of this span. */
export const createBackendSubmission =
  (backend: Backend) =>
  async (exchange: Exchange, call: BackendCall): Promise<Answer> => {
    const span = exchange.trace.phase('backend_submission');
    const context = { span, signal: exchange.signal };
    try {
      if (call.type === 'models') return { type: 'models', models: await backend.models(context) };
      if (call.type === 'model') return { type: 'model', model: await backend.model(context, call.id) };
      const running = await backend.submit(context, call.turn);
      exchange.facts.responseModel = running.model;
      return { type: 'turn', turn: call.turn, running };
    } catch (thrown) {
      const error = toGatewayError(thrown);
      span.set({ 'throughline.error.code': error.code, outcome: error.outcome });
      if (error.status >= 500) span.fail(error.code, error.message);
      throw error;
    } finally {
      span.end();
    }
  };
