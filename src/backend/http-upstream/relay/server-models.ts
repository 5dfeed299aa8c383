import { GatewayError, toGatewayError } from '../../../errors.ts';
import type { CallContext } from '../../../gateway/ports.ts';
import type { Model } from '../../../gateway/turn.ts';
import type { WallTimers } from '../../../later.ts';
import { abortable } from '../../work-deadline.ts';
import type { ListingFor, ModelListing } from './list-models.ts';
import { silentSpan } from './silent-span.ts';

/** A server is not asked more often than this; who asks decides how old a list may be. */
const MAX_AGE_MS = 1_000;
/** A server that is not up is asked again after this time. */
const ASK_AGAIN_MS = 3_000;
/** Names that are remembered although the last list has them no more. */
const MAX_REMEMBERED = 20_000;

/** Whether a server answers, and why it does not, or has no list. */
export interface Reachability {
  readonly up: boolean;
  readonly reason: string | null;
}

/** The models of one server, as it lists them. */
export interface ServerModels {
  readonly reachability: Reachability;
  /** Whether a model of this name was there at some time. */
  knows(model: string): boolean;
  /** Rejects where the server does not answer. */
  models(context: CallContext): Promise<readonly Model[]>;
  /** Asks for the list; until the server answers, every few seconds again. Never rejects. */
  refresh(): Promise<void>;
  /** The server could not be reached by a request. */
  lost(): void;
  stop(): void;
}

interface ServerModelsDeps {
  readonly timers: WallTimers;
  readonly ask: (listingFor: ListingFor, signal: AbortSignal) => Promise<ModelListing>;
  /** Is told after each question what came of it. */
  readonly onReachability: (reachability: Reachability) => void;
}

interface Cached {
  readonly models: readonly Model[];
  readonly atMs: number;
}

/** The names that were there at some time; where they become too many, the last ones. */
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

  /** One question at a time: whoever comes meanwhile gets its answer too, also where the one that asked has left. */
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
