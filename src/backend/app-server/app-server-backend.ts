import { GatewayError } from '../../errors.ts';
import type { Backend, CallContext, RunningTurn } from '../../gateway/ports.ts';
import type { Model, Turn } from '../../gateway/turn.ts';
import { RpcError } from './rpc/pending.ts';
import { injectHistory, startThread, startTurn } from './thread.ts';
import { createThreadLease } from './thread-lease.ts';
import { listModels } from './worker/models.ts';
import type { Supervisor } from './worker/supervisor.ts';
import { exitOf, type Worker } from './worker/worker.ts';

const findModel = (models: readonly Model[], wanted: string): Model => {
  const found = models.find(({ id }) => id === wanted);
  if (found) return found;
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

/** A request that has no thread yet learns of its backend's exit here; one that has, where the thread's route ends. */
const noteExit =
  ({ span }: CallContext) =>
  (thrown: unknown): never => {
    const exit = exitOf(thrown);
    if (exit) span.event('backend_exit', { payload: exit });
    throw thrown;
  };

async function* withCleanup<T>(events: AsyncIterable<T>, cleanup: () => void): AsyncGenerator<T> {
  try {
    yield* events;
  } finally {
    cleanup();
  }
}

/** Forwards turns to a Codex app-server, each on a thread of its own. */
export const createAppServerBackend = (supervisor: Supervisor, workdir: string): Backend => {
  const submit = async (worker: Worker, context: CallContext, turn: Turn): Promise<RunningTurn> => {
    findModel(worker.models, turn.model);
    const lease = createThreadLease(worker, context);
    const onAbort = (): void => route?.fail(context.signal.reason as GatewayError);
    const finish = (): void => {
      context.signal.removeEventListener('abort', onAbort);
      lease.release();
    };
    let route: ReturnType<typeof lease.open> | undefined;
    try {
      const { opened, model } = await startThread(worker.rpc, context, turn, workdir, (threadId, model) => ({
        opened: lease.open(threadId),
        model,
      })).catch(noteExit(context));
      route = opened;
      context.signal.addEventListener('abort', onAbort, { once: true });
      await injectHistory(worker.rpc, context, opened.threadId, turn.history);
      lease.turnRequested();
      const requestedNs = context.span.now();
      await startTurn(worker.rpc, context, opened.threadId, turn, opened.turn.started);
      return {
        conversationId: opened.threadId,
        model,
        requestedNs,
        attach: (span) => {
          opened.span = span;
        },
        events: withCleanup(opened.events, finish),
      };
    } catch (thrown) {
      finish();
      throw thrown;
    }
  };

  const models = async (context: CallContext): Promise<readonly Model[]> => {
    const worker = await supervisor.worker(context.signal);
    worker.models = await listModels(worker.rpc, context).catch(noteExit(context)).catch(toBackendError);
    return worker.models;
  };

  return {
    provider: 'codex',
    models,
    model: async (context, id) => findModel(await models(context), id),
    async submit(context, turn) {
      const worker = await supervisor.worker(context.signal);
      return submit(worker, context, turn).catch(toBackendError);
    },
  };
};
