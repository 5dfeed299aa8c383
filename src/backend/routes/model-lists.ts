import { GatewayError } from '../../errors.ts';
import type { CallContext } from '../../gateway/ports.ts';
import type { Model } from '../../gateway/turn.ts';
import type { Timers } from '../../later.ts';
import type { Pace } from '../../pace.ts';
import { createListedModels, type ListedModels, MIN_INTERVAL_MS } from './listed-models.ts';
import { findModel } from './model-not-found.ts';
import { anyForm, type RoutedBackend } from './routed-backend.ts';

/** For so long a list is given out without asking its backend again. */
const FRESH_MS = 30_000;

/** The models of all backends. */
export interface ModelLists {
  /** Whether a backend listed the model when it was asked last. */
  has(backend: string, model: string): boolean;
  /** All names, each once; a backend that fails hides no other. Rejects where nothing is known at all. */
  all(context: CallContext): Promise<readonly Model[]>;
  /** The model of that id. Asks again before it rejects: with `model_not_found`, or where a backend could not be asked, with that. */
  find(context: CallContext, id: string): Promise<Model>;
}

export interface ModelListsOptions {
  readonly backends: readonly RoutedBackend[];
  /** Names that the rules have, which are listed too. */
  readonly named: ReadonlySet<string>;
  readonly timers: Timers;
  readonly pace: Pace;
}

/** A failure that may pass: the model may be there when the backend is. A server without a list of models is no such thing. */
const mayPass = ({ code, outcome }: GatewayError): boolean =>
  code === 'backend_unreachable' ||
  ['overloaded', 'timeout', 'backend_exit', 'rate_limited'].includes(outcome);

/** What to say where a model may be that of a backend that cannot be asked. */
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

  /** Made again only where a list has changed: there may be a million names. */
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
