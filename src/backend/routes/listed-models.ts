import { GatewayError, toGatewayError } from '../../errors.ts';
import type { Backend, CallContext } from '../../gateway/ports.ts';
import type { Timers } from '../../later.ts';
import { abortable } from '../work-deadline.ts';

/** How many names of one backend are kept. Some servers list each of their files. */
const MAX_MODELS = 10_000;
/** A backend that takes longer to list its models counts as one that failed. */
const LIST_TIMEOUT_MS = 10_000;
/** A backend is asked at most this often. */
export const MIN_INTERVAL_MS = 3_000;

/** The models of one backend, as it last listed them. */
export interface ListedModels {
  readonly names: ReadonlySet<string>;
  /** Why there is no list; null if there is one. */
  readonly problem: GatewayError | null;
  /** Asks the backend, unless it was asked within `maxAgeMs`. Rejects only if the waiting request has ended. */
  read(context: CallContext, maxAgeMs: number): Promise<void>;
}

interface Reading {
  readonly done: Promise<void>;
  readonly owner: AbortSignal;
}

/** Asks one backend, with a deadline. */
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

/** Keeps the list of one backend. If several requests need it at once, one of them asks. */
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
      // The request has ended, which says nothing about the backend.
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
        // The request that asked has ended: those that still wait ask again.
        if (!owner.aborted) return;
      }
    },
  };
};
