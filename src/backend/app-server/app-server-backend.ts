import { GatewayError } from '../../errors.ts';
import type { Backend, CallContext, RunningTurn } from '../../gateway/ports.ts';
import type { Model, Turn } from '../../gateway/turn.ts';
import { RpcError } from './rpc/pending.ts';
import { injectHistory, startThread, startTurn } from './thread.ts';
import type { TurnRoute } from './turn/turn-route.ts';
import { listModels } from './worker/models.ts';
import type { Supervisor } from './worker/supervisor.ts';
import type { Worker } from './worker/worker.ts';

/** How long an interrupted turn, or the clean-up after one, may take before we stop waiting for it. */
const CLEANUP_MS = 10_000;

const assertModel = (models: readonly Model[], wanted: string): void => {
  if (models.some(({ id }) => id === wanted)) return;
  const known = models.map(({ id }) => id).join(', ');
  throw new GatewayError('model_not_found', `The model '${wanted}' does not exist. Known models: ${known}.`, {
    param: 'model',
  });
};

/** What the app-server refuses is the backend's error, said in its own words. */
const toBackendError = (thrown: unknown): never => {
  if (!(thrown instanceof RpcError)) throw thrown;
  throw new GatewayError('backend_error', `The backend refused ${thrown.method}: ${thrown.message}`, {
    cause: thrown,
  });
};

/** Forwards turns to a Codex app-server, each on a thread of its own. */
export const createAppServerBackend = (supervisor: Supervisor, workdir: string): Backend => {
  /** Interrupts what still runs, then lets the thread go, so that the process does not keep it for ever. */
  const release = async (worker: Worker, route: TurnRoute, interrupt: boolean): Promise<void> => {
    const context: CallContext = { span: route.span, signal: AbortSignal.timeout(CLEANUP_MS) };
    const { threadId, turnId } = route;
    if (interrupt && turnId) {
      await worker.rpc.callRpc(context, 'turn/interrupt', { threadId, turnId });
      // Unsubscribing from a turn that still runs would let it run to its end, unseen.
      await abortable(route.turnCompleted, context.signal);
    }
    await worker.rpc.callRpc(context, 'thread/unsubscribe', { threadId });
  };

  const submit = async (worker: Worker, context: CallContext, turn: Turn): Promise<RunningTurn> => {
    assertModel(worker.models, turn.model);
    const threadId = await startThread(worker.rpc, context, turn, workdir);
    let released = false;
    const finish = (route: TurnRoute, interrupt: boolean): void => {
      if (released) return;
      released = true;
      worker.turns.retire(route);
      // A failed clean-up stands on its own span; the request has its answer already.
      release(worker, route, interrupt).catch(() => undefined);
    };
    const route = worker.turns.add(threadId, context.span, (abandoned) => finish(abandoned, true));
    const onAbort = (): void => route.fail(context.signal.reason as GatewayError);
    context.signal.addEventListener('abort', onAbort, { once: true });
    try {
      await injectHistory(worker.rpc, context, threadId, turn.history);
      route.turnId = await startTurn(worker.rpc, context, threadId, turn);
    } catch (thrown) {
      finish(route, true);
      throw thrown;
    }
    return {
      conversationId: threadId,
      attach: (span) => {
        route.span = span;
      },
      events: withCleanup(route.events, () => {
        context.signal.removeEventListener('abort', onAbort);
        finish(route, !route.ended);
      }),
    };
  };

  return {
    provider: 'codex',
    async models(context) {
      const worker = await supervisor.worker(context.signal);
      worker.models = await listModels(worker.rpc, context).catch(toBackendError);
      return worker.models;
    },
    async submit(context, turn) {
      const worker = await supervisor.worker(context.signal);
      return submit(worker, context, turn).catch(toBackendError);
    },
  };
};

const abortable = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return Promise.race([work, promise]);
};

async function* withCleanup<T>(events: AsyncIterable<T>, cleanup: () => void): AsyncGenerator<T> {
  try {
    yield* events;
  } finally {
    cleanup();
  }
}
