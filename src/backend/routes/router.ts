import { GatewayError } from '../../errors.ts';
import type { Candidate, Router } from '../../gateway/ports.ts';
import type { RelayRequest } from '../../gateway/relay.ts';
import type { RouteRule } from '../../gateway/routes.ts';
import type { Timers } from '../../later.ts';
import type { Pace } from '../../pace.ts';
import { createModelLists } from './model-lists.ts';
import { createOneBackendRouter } from './one-backend.ts';
import type { ResponseMakers } from './response-makers.ts';
import { anyForm, formFor, type RoutedBackend, responseIdOf } from './routed-backend.ts';
import { chooseBackend, createRuleSet } from './rules.ts';

export interface RouterOptions {
  /** In the order of the file; at least one. */
  readonly backends: readonly RoutedBackend[];
  readonly rules: readonly RouteRule[];
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  readonly makers: ResponseMakers;
  readonly timers: Timers;
  readonly pace: Pace;
}

/** The backends in the order of trying. */
interface Choice {
  readonly backends: readonly RoutedBackend[];
  /** The model's name for the backend of that name; null: the client's own. */
  modelFor(backend: string): string | null;
  /** No rule and no list names a backend: only the first one that serves the request is tried. */
  readonly isGuess: boolean;
}

const asSent = (): null => null;

/** The `previous_response_id` of a request; null if it has none. */
const previousOf = ({ api, value }: RelayRequest): string | null => {
  if (api !== 'responses' || typeof value !== 'object' || value === null) return null;
  const { previous_response_id: id } = value as { previous_response_id?: unknown };
  return typeof id === 'string' ? id : null;
};

/** The earlier response that a request is about: the one that its path names, or that it goes on from. */
export const namedResponse = (request: RelayRequest): string | null =>
  responseIdOf(request) ?? previousOf(request);

const nobodyServes = ({ method, target, model }: RelayRequest): GatewayError => {
  const path = target.split('?', 1)[0];
  const of = model === null ? 'No backend' : `No backend of the model '${model}'`;
  return new GatewayError('route_not_found', `${of} takes ${method} /v1${path}.`);
};

/** Chooses by rules and by the backends' own lists of models. */
const createChoose = (options: RouterOptions, lists: ReturnType<typeof createModelLists>) => {
  const { backends, rules, random, makers } = options;
  const byName = new Map(backends.map((routed) => [routed.name, routed]));
  const ruleSet = createRuleSet(rules);
  const named = (names: Iterable<string>): RoutedBackend[] =>
    [...new Set(names)].flatMap((name) => byName.get(name) ?? []);

  const makerOf = (id: string | null): string | null => (id === null ? null : makers.of(id));

  /** Prefers the backend that made the previous response, since the others do not have it. */
  const byRule = (rule: RouteRule, maker: string | null): Choice => {
    const isOfRule = rule.backends.some(({ backend }) => backend === maker);
    const first = maker !== null && isOfRule ? maker : chooseBackend(rule.backends, random());
    const { fallback, model } = rule;
    return {
      backends: named([first, ...fallback.map(({ backend }) => backend)]),
      modelFor: (name) =>
        (name === first ? null : fallback.find(({ backend }) => backend === name)?.model) ?? model,
      isGuess: false,
    };
  };

  const byLists = (model: string, maker: string | null): Choice | null => {
    const having = backends.filter(({ name }) => lists.has(name, model));
    if (having.length === 0) return null;
    const order = having.toSorted((a, b) => Number(b.name === maker) - Number(a.name === maker));
    return { backends: order, modelFor: asSent, isGuess: false };
  };

  const guess: Choice = { backends, modelFor: asSent, isGuess: true };

  /** Null if no backend is known to have the model. */
  return (request: RelayRequest): Choice | null => {
    const stored = responseIdOf(request);
    const storedBy = stored === null ? null : byName.get(makerOf(stored) ?? '');
    if (storedBy) return { ...guess, backends: [storedBy] };
    if (stored !== null || request.model === null) return guess;
    const maker = makerOf(previousOf(request));
    const rule = ruleSet.find(request.model);
    if (rule) return byRule(rule, maker);
    if (backends.length === 1 && rules.length === 0) return guess;
    return byLists(request.model, maker) ?? (request.api === 'other' ? guess : null);
  };
};

const createRulesRouter = (options: RouterOptions): Router => {
  const { backends, rules, timers, pace } = options;
  const named = new Set(rules.map(({ match }) => match).filter((match) => !match.includes('*')));
  const written = new Set([
    ...named,
    ...rules.flatMap(({ model, fallback }) => [model, ...fallback.map((one) => one.model)]),
  ]);
  const lists = createModelLists({ backends, named, timers, pace });
  const choose = createChoose(options, lists);

  const toCandidates = (
    { backends: chosen, modelFor, isGuess }: Choice,
    request: RelayRequest,
  ): Candidate[] => {
    const all = chosen.flatMap((routed) => {
      const backend = formFor(routed, request);
      return backend ? [{ backend, model: modelFor(routed.name) }] : [];
    });
    return isGuess ? all.slice(0, 1) : all;
  };

  return {
    serves: (asked) => backends.some((routed) => formFor(routed, asked) !== null),
    candidates(request) {
      const choice = choose(request);
      const candidates = choice ? toCandidates(choice, request) : [];
      return candidates.length > 0 ? candidates : null;
    },
    async find(context, request) {
      let choice = choose(request);
      if (!choice) {
        // Asks all backends again, and throws if none has the model.
        await lists.find(context, request.model ?? '');
        choice = choose(request);
      }
      const candidates = choice ? toCandidates(choice, request) : [];
      if (candidates.length === 0) throw nobodyServes(request);
      return candidates;
    },
    models: lists.all,
    model: lists.find,
    knows: (model) => written.has(model) || backends.some((routed) => anyForm(routed).knows(model)),
  };
};

/** Creates the router. A single app-server without rules needs no lists: it checks the model itself. */
export const createRouter = (options: RouterOptions): Router => {
  const [first, ...more] = options.backends;
  return first?.kind === 'app-server' && more.length === 0 && options.rules.length === 0
    ? createOneBackendRouter(first.turn)
    : createRulesRouter(options);
};
