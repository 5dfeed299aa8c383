import { toGatewayError } from '../errors.ts';
import type { BackendCall } from '../gateway/call.ts';
import type { Answer, Exchange, Router } from '../gateway/ports.ts';
import { submitCall } from './submit-call.ts';

/** Phase 2: chooses the backend and hands it the request. The backend's own calls become children of this span. */
export const createBackendSubmission =
  (router: Router) =>
  async (exchange: Exchange, call: BackendCall): Promise<Answer> => {
    const span = exchange.trace.phase('backend_submission');
    const context = { span, signal: exchange.signal, reqId: exchange.reqId };
    let sentNs: bigint | undefined;
    try {
      if (call.type === 'models') return { type: 'models', models: await router.models(context) };
      if (call.type === 'model') return { type: 'model', model: await router.model(context, call.id) };
      const answer = await submitCall(router, exchange, span, call);
      // The wait for an answer's head is the model at work: it belongs to the next phase.
      sentNs = answer.running.sentNs;
      return answer;
    } catch (thrown) {
      const error = toGatewayError(thrown);
      span.set({ 'throughline.error.code': error.code, outcome: error.outcome });
      if (error.status >= 500) span.fail(error.code, error.message);
      throw error;
    } finally {
      span.end(sentNs);
    }
  };
