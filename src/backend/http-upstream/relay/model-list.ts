import { GatewayError, toGatewayError } from '../../../errors.ts';
import type { CallContext } from '../../../gateway/ports.ts';
import type { Model } from '../../../gateway/turn.ts';
import type { WallTimers } from '../../../later.ts';
import type { ListingFor, ModelListing } from './list-models.ts';
import { silentSpan } from './silent-span.ts';

/** A list is asked for again when it is older. */
const MAX_AGE_MS = 60_000;
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
export interface ModelList {
  readonly reachability: Reachability;
  /** Whether a model of this name was there at some time. */
  knows(model: string): boolean;
  /** Rejects where the server does not answer and has never listed any. */
  models(context: CallContext): Promise<readonly Model[]>;
  /** Asks for the list; until the server answers, every few seconds again. Never rejects. */
  refresh(): Promise<void>;
  /** The server could not be reached by a request. */
  lost(): void;
  stop(): void;
}

interface ModelListDeps {
  readonly timers: WallTimers;
  readonly ask: (listingFor: ListingFor, signal: AbortSignal) => Promise<ModelListing>;
}

interface Cached {
  readonly models: readonly Model[];
  readonly atMs: number;
}

/** Resolves with what a promise gives, unless the signal ends the wait. */
const whileWanted = async <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  const left = Promise.withResolvers<never>();
  const leave = (): void => left.reject(toGatewayError(signal.reason));
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([promise, left.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
};

export const createModelList = ({ timers, ask }: ModelListDeps): ModelList => {
  const stopped = new AbortController();
  const remembered = new Set<string>();
  let reachability: Reachability = { up: false, reason: 'it has not been asked yet' };
  let cached: Cached | null = null;
  let asking: Promise<readonly Model[]> | null = null;
  let cancelNext: (() => void) | null = null;

  const remember = (ids: readonly string[]): void => {
    if (remembered.size + ids.length > MAX_REMEMBERED) remembered.clear();
    for (const id of ids) remembered.add(id);
  };

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
      cancelNext?.();
      cancelNext = null;
      const known = ids ?? cached?.models.map(({ id }) => id) ?? [];
      remember(known);
      cached = { models: known.map((id) => ({ id })), atMs: timers.now() };
      return cached.models;
    } catch (thrown) {
      const error = toGatewayError(thrown);
      reachability = { up: false, reason: error.message };
      askLater();
      if (cached) return cached.models;
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
    knows: (model) => remembered.has(model),
    async models({ span, reqId = null, signal }) {
      if (cached && timers.now() - cached.atMs < MAX_AGE_MS) return cached.models;
      return whileWanted(askOnce({ parent: span, reqId }), signal);
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
