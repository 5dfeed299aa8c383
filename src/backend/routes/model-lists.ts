import { GatewayError } from '../../errors.ts';
import type { CallContext } from '../../gateway/ports.ts';
import type { Model } from '../../gateway/turn.ts';
import type { Timers } from '../../later.ts';
import type { Pace } from '../../pace.ts';
import { createListedModels, type ListedModels, MIN_INTERVAL_MS } from './listed-models.ts';
import { findModel } from './model-not-found.ts';
import { anyForm, type RoutedBackend } from './routed-backend.ts';

/** How long a list is used before its backend is asked again. */
const FRESH_MS = 30_000;

/** The models of all backends. */
export interface ModelLists {
  /** Whether the last list of a backend has the model. */
  has(backend: string, model: string): boolean;
  /** All names, without duplicates. A backend that fails is left out. Rejects if no name is known and a backend failed. */
  all(context: CallContext): Promise<readonly Model[]>;
  /** The model with that id. Asks the backends before it rejects: with `model_not_found`, or `backend_unavailable` if one could not be asked. */
  find(context: CallContext, id: string): Promise<Model>;
}

export interface ModelListsOptions {
  readonly backends: readonly RoutedBackend[];
  /** Names in the rules, which are listed too. */
  readonly named: ReadonlySet<string>;
  readonly timers: Timers;
  readonly pace: Pace;
}

/** Whether a failure may pass, so that the backend may have the model after all. A server without a list does not count. */
const mayPass = ({ code, outcome }: GatewayError): boolean =>
  code === 'backend_unreachable' ||
  ['overloaded', 'timeout', 'backend_exit', 'rate_limited'].includes(outcome);

/** The error for a model that a backend which cannot be asked may have. */
const unknownYet = (model: string, backend: string, cause: GatewayError): GatewayError =>
  new GatewayError(
    'backend_unavailable',
    `The model '${model}' is not known, and the backend ${backend} cannot be asked for its models.`,
    { param: 'model', headers: { 'retry-after': String(Math.ceil(MIN_INTERVAL_MS / 1000)) }, cause },
  );

export const createModelLists = ({ backends, named, timers, pace }: ModelListsOptions): ModelLists => {
  const lists = new Map<string, ListedModels>(
    backends.map((routed) => [routed.name, createListedModels(anyForm(routed), timers)]),
  );
  const read = async (context: CallContext, maxAgeMs: number): Promise<void> => {
    await Promise.all([...lists.values()].map((list) => list.read(context, maxAgeMs)));
  };

  let union: { readonly of: readonly ReadonlySet<string>[]; readonly models: readonly Model[] } | null = null;

  /** Joins the lists again only if one has changed: there may be a million names. */
  const known = async (): Promise<readonly Model[]> => {
    const of = [...lists.values()].map((list) => list.names);
    if (union?.of.every((names, at) => names === of[at])) return union.models;
    const all = new Set(named);
    for (const names of of) {
      for (const name of names) all.add(name);
      await pace.rest();
    }
    union = { of, models: [...all].map((id) => ({ id })) };
    return union.models;
  };

  const isThere = (id: string): boolean =>
    named.has(id) || [...lists.values()].some(({ names }) => names.has(id));

  return {
    has: (backend, model) => lists.get(backend)?.names.has(model) ?? false,
    async all(context) {
      await read(context, FRESH_MS);
      const models = await known();
      const problem = [...lists.values()].find((list) => list.problem)?.problem;
      if (models.length === 0 && problem) throw problem;
      return models;
    },
    async find(context, id) {
      if (isThere(id)) return { id };
      await read(context, MIN_INTERVAL_MS);
      if (isThere(id)) return { id };
      for (const [name, { problem }] of lists)
        if (problem && mayPass(problem)) throw unknownYet(id, name, problem);
      return findModel(await known(), id);
    },
  };
};
