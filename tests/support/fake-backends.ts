import type { RoutedBackend } from '../../src/backend/routes/routed-backend.ts';
import type { CallContext, RelayBackend, TurnBackend } from '../../src/gateway/ports.ts';
import type { Api } from '../../src/gateway/relay.ts';
import { createFakeSpan } from './fake-span.ts';

/** A request that asks a backend for its models. */
export const aContext = (signal: AbortSignal = new AbortController().signal): CallContext => ({
  span: createFakeSpan(),
  signal,
});

/** What a fake backend lists: names, or whatever a test decides when it is asked. */
export type FakeModels = readonly string[] | ((context: CallContext) => Promise<readonly string[]>);

const answerOf = (models: FakeModels) => async (context: CallContext) => {
  const names = typeof models === 'function' ? await models(context) : models;
  return names.map((id) => ({ id }));
};

const unused = (): never => {
  throw new Error('nobody asks a fake backend for an answer');
};

const fakeTurn = (name: string, models: FakeModels): TurnBackend => ({
  kind: 'turn',
  name,
  provider: 'fake',
  support: {} as TurnBackend['support'],
  knows: (model) => Array.isArray(models) && models.includes(model),
  models: answerOf(models),
  submit: unused,
});

/** An app-server with these models. */
export const fakeAppServer = (name: string, models: FakeModels = []): RoutedBackend => ({
  kind: 'app-server',
  name,
  turn: fakeTurn(name, models),
});

const ALL: readonly Api[] = ['chat', 'completions', 'responses', 'embeddings', 'moderations'];

/** An HTTP server with these models, which serves these APIs. */
export const fakeHttp = (
  name: string,
  models: FakeModels = [],
  {
    apis = ALL,
    passthrough = false,
  }: { readonly apis?: readonly Api[]; readonly passthrough?: boolean } = {},
): RoutedBackend & { readonly relay: RelayBackend } => ({
  kind: 'http',
  name,
  serves: { apis, passthrough },
  relay: {
    kind: 'relay',
    forwardsKey: false,
    name,
    provider: 'fake',
    knows: (model) => Array.isArray(models) && models.includes(model),
    models: answerOf(models),
    relay: unused,
  },
  translated: fakeTurn(name, models),
});
