import { GatewayError, toGatewayError } from '../../errors.ts';
import type { Backend, CallContext } from '../../gateway/ports.ts';
import type { Timers } from '../../later.ts';
import { abortable } from '../work-deadline.ts';

/** Names of one backend; there are servers that list each file of theirs. */
const MAX_MODELS = 10_000;
/** A backend that takes longer to list its models counts as one that failed. */
const LIST_TIMEOUT_MS = 10_000;
/** A backend is not asked more often than this, whatever clients ask for. */
export const MIN_INTERVAL_MS = 3_000;

/** The models of one backend, as it listed them last. */
export interface ListedModels {
  readonly names: ReadonlySet<string>;
  /** Why there is no list; null once there has been one. */
  readonly problem: GatewayError | null;
  /** Asks the backend, unless it was asked within `maxAgeMs`. Rejects only where the request that waits has ended. */
  read(context: CallContext, maxAgeMs: number): Promise<void>;
}

interface Reading {
  readonly done: Promise<void>;
  readonly owner: AbortSignal;
}

/** Asks one backend, for one request, within bounded time. */
const ask = async (backend: Backend, context: CallContext, { later }: Timers): Promise<readonly string[]> => {
  const late = new AbortController();
  const cancel = later(LIST_TIMEOUT_MS, () =>
    late.abort(
      new GatewayError('backend_timeout', `The backend ${backend.name} did not list its models in time.`),
    ),
  );
  const signal = AbortSignal.any([context.signal, late.signal]);
  try {
    const models = await abortable(backend.models({ ...context, signal }), signal);
    return models.slice(0, MAX_MODELS).map(({ id }) => id);
  } finally {
    cancel();
  }
};

/** Keeps the list of one backend. Of several requests that need it at once, one asks. */
export const createListedModels = (backend: Backend, timers: Timers): ListedModels => {
  let names: ReadonlySet<string> = new Set();
  let problem: GatewayError | null = null;
  let hasList = false;
  let askedAt: number | null = null;
  let hasFailed = false;
  let reading: Reading | null = null;

  const readFor = async (context: CallContext): Promise<void> => {
    try {
      names = new Set(await ask(backend, context, timers));
      [hasList, hasFailed, problem] = [true, false, null];
    } catch (thrown) {
      // The request has ended, which says nothing of the backend.
      if (context.signal.aborted) return;
      hasFailed = true;
      // An old list is better than none.
      if (!hasList) problem = toGatewayError(thrown);
    }
    askedAt = timers.now();
  };

  const begin = (context: CallContext): Reading => {
    const done = readFor(context).finally(() => {
      reading = null;
    });
    return { done, owner: context.signal };
  };

  const isFresh = (maxAgeMs: number): boolean =>
    askedAt !== null && timers.now() - askedAt < (hasFailed ? Math.min(maxAgeMs, MIN_INTERVAL_MS) : maxAgeMs);

  return {
    get names() {
      return names;
    },
    get problem() {
      return problem;
    },
    async read(context, maxAgeMs) {
      while (!isFresh(maxAgeMs)) {
        context.signal.throwIfAborted();
        reading ??= begin(context);
        const { done, owner } = reading;
        await abortable(done, context.signal);
        // Its owner has left: those who still wait ask again, for themselves.
        if (!owner.aborted) return;
      }
    },
  };
};
