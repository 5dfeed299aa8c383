import { GatewayError, toGatewayError } from '../../../errors.ts';
import type { CallContext } from '../../../gateway/ports.ts';
import type { Model } from '../../../gateway/turn.ts';
import type { WallTimers } from '../../../later.ts';
import { abortable } from '../../work-deadline.ts';
import type { ListingFor, ModelListing } from './list-models.ts';
import { silentSpan } from './silent-span.ts';

/** A server is asked at most this often. The router decides how old a list may be. */
const MAX_AGE_MS = 1_000;
/** A server that is down is asked again after this time. */
const ASK_AGAIN_MS = 3_000;
/** How many names are remembered after a later list has dropped them. */
const MAX_REMEMBERED = 20_000;

/** Whether a server answers. `reason`: why it does not, or why it has no list; null if neither. */
export interface Reachability {
  readonly up: boolean;
  readonly reason: string | null;
}

/** The models of one server, as it lists them. */
export interface ServerModels {
  readonly reachability: Reachability;
  /** Whether any list so far had this model. */
  knows(model: string): boolean;
  /** Rejects if the server does not answer. */
  models(context: CallContext): Promise<readonly Model[]>;
  /** Asks for the list, every few seconds until the server answers. Never rejects. */
  refresh(): Promise<void>;
  /** Call when a request could not reach the server: asks for the list again. */
  lost(): void;
  stop(): void;
}

interface ServerModelsDeps {
  readonly timers: WallTimers;
  readonly ask: (listingFor: ListingFor, signal: AbortSignal) => Promise<ModelListing>;
  /** Called after each question with its result. */
  readonly onReachability: (reachability: Reachability) => void;
}

interface Cached {
  readonly models: readonly Model[];
  readonly atMs: number;
}

/** The names of all lists so far. If they become too many, only those of the last list. */
const createMemory = () => {
  const names = new Set<string>();
  return {
    has: (name: string): boolean => names.has(name),
    remember(ids: readonly string[]) {
      if (names.size + ids.length > MAX_REMEMBERED) names.clear();
      for (const id of ids) names.add(id);
    },
  };
};

export const createServerModels = ({ timers, ask, onReachability }: ServerModelsDeps): ServerModels => {
  const stopped = new AbortController();
  const memory = createMemory();
  let reachability: Reachability = { up: false, reason: 'it has not been asked yet' };
  let cached: Cached | null = null;
  let asking: Promise<readonly Model[]> | null = null;
  let cancelNext: (() => void) | null = null;

  const askLater = (): void => {
    if (stopped.signal.aborted) return;
    cancelNext?.();
    cancelNext = timers.later(ASK_AGAIN_MS, () => {
      cancelNext = null;
      void refresh();
    });
  };

  const load = async (listingFor: ListingFor): Promise<readonly Model[]> => {
    try {
      const { ids, reason } = await ask(listingFor, stopped.signal);
      reachability = { up: true, reason };
      onReachability(reachability);
      cancelNext?.();
      cancelNext = null;
      const known = ids ?? cached?.models.map(({ id }) => id) ?? [];
      memory.remember(known);
      cached = { models: known.map((id) => ({ id })), atMs: timers.now() };
      return cached.models;
    } catch (thrown) {
      const error = toGatewayError(thrown);
      reachability = { up: false, reason: error.message };
      if (!stopped.signal.aborted) onReachability(reachability);
      askLater();
      throw error;
    }
  };

  /** One question at a time: later callers share its answer, even if the first caller has left. */
  const askOnce = (listingFor: ListingFor): Promise<readonly Model[]> => {
    asking ??= load(listingFor).finally(() => {
      asking = null;
    });
    return asking;
  };

  const refresh = async (): Promise<void> => {
    if (stopped.signal.aborted) return;
    await askOnce({ parent: silentSpan, reqId: null }).catch(() => undefined);
  };

  return {
    get reachability() {
      return reachability;
    },
    knows: memory.has,
    async models({ span, reqId = null, signal }) {
      if (cached && timers.now() - cached.atMs < MAX_AGE_MS) return cached.models;
      return abortable(askOnce({ parent: span, reqId }), signal);
    },
    refresh,
    lost() {
      if (reachability.up) void refresh();
    },
    stop() {
      cancelNext?.();
      stopped.abort(new GatewayError('shutting_down', 'The gateway is shutting down.'));
    },
  };
};
