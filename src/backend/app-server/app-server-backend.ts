import { type GatewayError, toGatewayError } from '../../errors.ts';
import type { CallContext, RunningTurn, TurnBackend } from '../../gateway/ports.ts';
import type { Model, Turn } from '../../gateway/turn.ts';
import { createPace, type Pace } from '../../pace.ts';
import { findModel } from '../routes/model-not-found.ts';
import { abortable } from '../work-deadline.ts';
import { type CodexRules, threadRules } from './codex/closing.ts';
import type { Folders } from './codex/folders.ts';
import { withConnectDeadline } from './connect-deadline.ts';
import { isRefusal, toBackendError } from './refusals.ts';
import { toRunning } from './running-turn.ts';
import { APP_SERVER_SUPPORT } from './support.ts';
import { injectHistory, startThread, startTurn } from './thread.ts';
import { createThreadLease, type ThreadLease } from './thread-lease.ts';
import { type CatalogFile, NO_CATALOG } from './worker/catalog-file.ts';
import { exitOf } from './worker/exit-error.ts';
import { listModels } from './worker/models.ts';
import type { WorkerPool, WorkerUse } from './worker/pool.ts';
import { sickUnless } from './worker/sick-unless.ts';

/** Names that a backend which lists ever new ones may make us remember. */
const MAX_NAMES = 10_000;

/** Remembers the names of the models that were there. */
const createKnownNames = () => {
  const names = new Set<string>();
  return {
    has: (name: string): boolean => names.has(name),
    add(models: readonly Model[]): void {
      for (const { id } of models) if (names.size < MAX_NAMES) names.add(id);
    },
  };
};

/** A request that has no thread yet learns of its backend's exit here; one that has, where the thread's route ends. */
const noteExit =
  ({ span }: CallContext) =>
  (thrown: unknown): never => {
    const exit = exitOf(thrown);
    if (exit) span.event('backend_exit', { payload: exit });
    throw thrown;
  };

/** A turn that was refused needs no interrupt. */
const noteRefusal =
  (lease: ThreadLease) =>
  (thrown: unknown): never => {
    if (isRefusal(thrown)) lease.turnRefused();
    throw thrown;
  };

/** Lets the worker go again unless it has the turn's model. */
const assertModel = ({ worker, end }: WorkerUse, { model }: Turn): void => {
  try {
    findModel(worker.models, model);
  } catch (thrown) {
    end();
    throw thrown;
  }
};

/** Lists the models of a worker. Nobody may wait any more for an answer; one that does not come all the same makes the worker sick. */
const listOn = async (
  { worker, end }: WorkerUse,
  context: CallContext,
  graceMs: number,
): Promise<Model[]> => {
  const leave = worker.requests.enter();
  let open = { method: '', answered: Promise.resolve() };
  const listed = listModels(worker.rpc, context, (method, answered) => {
    open = { method, answered };
  });
  const finish = (): void => {
    leave();
    if (!context.signal.aborted) return end();
    const heard = (signal: AbortSignal) => abortable(open.answered, signal);
    void sickUnless(worker, graceMs, `${open.method} was not answered`, heard).finally(end);
  };
  return listed.finally(finish);
};

/** How long the backend may take, in milliseconds. */
export interface TurnLimits {
  /** To have a worker ready and the turn taken. */
  readonly connectMs: number;
  /** To end a turn that was interrupted, and to answer what cleans up behind it. */
  readonly interruptMs: number;
}

const DEFAULT_LIMITS: TurnLimits = { connectMs: 10_000, interruptMs: 5_000 };

/** Where turns work, and what they may do there; null for a backend that runs nothing. */
export interface TurnPlace {
  readonly folders: Folders;
  readonly rules: CodexRules | null;
}

/** Where a turn is to work, with what it needs there. */
interface Workplace extends WorkerUse {
  readonly cwd: string;
  /** Null where Codex is to use its own. */
  readonly modelCatalog: string | null;
}

/**
 * The same use, with a folder for its turn that goes when the worker is let go, and the turn's catalogue. Lets the worker go when there is none
 * in time. Where Codex has no tools of its own, its code mode is none for any turn.
 */
const withWorkplace = async (
  { worker, end }: WorkerUse,
  { folders, rules }: TurnPlace,
  catalog: CatalogFile,
  { tools }: Turn,
  { signal }: CallContext,
): Promise<Workplace> => {
  let remove = async (): Promise<void> => undefined;
  const leave = (): void => {
    end();
    void remove();
  };
  try {
    const folder = await folders.open();
    ({ remove } = folder);
    const hasCatalog = tools.length > 0 || rules?.tools === 'off';
    const modelCatalog = hasCatalog ? await abortable(catalog.path(), signal) : null;
    // A lease would wait for the answer to a call that is not made any more.
    signal.throwIfAborted();
    return { worker, end: leave, cwd: folder.path, modelCatalog };
  } catch (thrown) {
    leave();
    throw thrown;
  }
};

/** Lists the models of a worker, and learns their names. */
const createModels =
  (pool: WorkerPool, known: ReturnType<typeof createKnownNames>, { connectMs, interruptMs }: TurnLimits) =>
  (context: CallContext): Promise<readonly Model[]> =>
    withConnectDeadline(pool, context, connectMs, async (use, limited) => {
      const listed = listOn(use, limited, interruptMs).catch(noteExit(context)).catch(toBackendError);
      use.worker.models = await listed;
      known.add(use.worker.models);
      return use.worker.models;
    });

const IDENTITY = { kind: 'turn', provider: 'codex', support: APP_SERVER_SUPPORT } as const;

/** Forwards turns to a Codex app-server, each on a thread of its own. */
export const createAppServerBackend = (
  pool: WorkerPool,
  turnPlace: TurnPlace,
  { connectMs, interruptMs }: TurnLimits = DEFAULT_LIMITS,
  catalog: CatalogFile = NO_CATALOG,
  pace: Pace = createPace(),
  name = 'app-server',
): TurnBackend => {
  const known = createKnownNames();

  /** `limited` is the request's context with the connect deadline, for the calls that hand the turn over. */
  const submit = async (
    use: WorkerUse,
    context: CallContext,
    limited: CallContext,
    turn: Turn,
  ): Promise<RunningTurn> => {
    const { rpc, requests, codex } = use.worker;
    const place = await withWorkplace(use, turnPlace, catalog, turn, limited);
    const leave = requests.enter();
    const lease = createThreadLease(place, limited, interruptMs);
    const onAbort = (): void => route?.fail(context.signal.reason as GatewayError);
    const finish = (): void => {
      context.signal.removeEventListener('abort', onAbort);
      lease.release();
      leave();
    };
    let route: ReturnType<typeof lease.open> | undefined;
    try {
      const open = (threadId: string, model: string | null) => ({ opened: lease.open(threadId), model });
      const allowed = threadRules(turnPlace.rules, codex, place.cwd);
      const settings = { ...allowed, modelCatalog: place.modelCatalog };
      const { opened, model } = await startThread(rpc, limited, turn, settings, open, lease.answered).catch(
        noteExit(context),
      );
      route = opened;
      opened.offer(turn.tools);
      context.signal.addEventListener('abort', onAbort, { once: true });
      await injectHistory(rpc, limited, opened.threadId, turn, pace);
      lease.turnRequested();
      const requestedNs = context.span.now();
      const asked = startTurn(rpc, limited, opened.threadId, turn, opened.turn.started);
      await asked.catch(noteRefusal(lease));
      return toRunning(use, opened, finish, { model, requestedNs });
    } catch (thrown) {
      route?.fail(toGatewayError(thrown));
      route?.discard();
      finish();
      throw thrown;
    }
  };

  return {
    ...IDENTITY,
    name,
    knows: known.has,
    models: createModels(pool, known, { connectMs, interruptMs }),
    async submit(context, turn) {
      // A large request becomes a line of the protocol in one step. Not later: a worker is chosen and used in one go.
      await pace.rest();
      return withConnectDeadline(pool, context, connectMs, async (use, limited) => {
        known.add(use.worker.models);
        assertModel(use, turn);
        return submit(use, context, limited, turn).catch(toBackendError);
      });
    },
  };
};
