import { createResponseMakers } from '../../../src/backend/routes/response-makers.ts';
import type { RoutedBackend } from '../../../src/backend/routes/routed-backend.ts';
import { createRouter } from '../../../src/backend/routes/router.ts';
import type { Candidate, Router } from '../../../src/gateway/ports.ts';
import type { Api, RelayRequest } from '../../../src/gateway/relay.ts';
import type { RouteRule } from '../../../src/gateway/routes.ts';
import { createPace } from '../../../src/pace.ts';
import { aContext, fakeAppServer, fakeHttp } from '../../support/fake-backends.ts';
import { aRelayRequest } from '../../support/fake-relay.ts';
import { createFakeTimers } from '../../support/fake-timers.ts';

const setUp = (backends: readonly RoutedBackend[], rules: readonly RouteRule[] = [], random = 0) => {
  const makers = createResponseMakers();
  const timers = createFakeTimers();
  const router = createRouter({ backends, rules, random: () => random, makers, timers, pace: createPace() });
  return { makers, timers, router };
};

const rule = (match: string, backend: string, more: Partial<RouteRule> = {}): RouteRule => ({
  match,
  backends: [{ backend, weight: 1 }],
  model: null,
  fallback: [],
  ...more,
});

const asking = (model: string | null, more: Partial<RelayRequest> = {}): RelayRequest =>
  aRelayRequest({ model, ...more });

/** Candidates as `kind name model`. */
const shown = (candidates: readonly Candidate[] | null): string[] | null =>
  candidates?.map(
    ({ backend, model }) => `${backend.kind} ${backend.name}${model === null ? '' : ` ${model}`}`,
  ) ?? null;

const codex = fakeAppServer('codex', ['o4']);
const next = fakeHttp('next', ['gpt-4', 'llama']);
const other = fakeHttp('other', ['gpt-4', 'qwen']);

const fallbacks = (...names: string[]) => names.map((backend) => ({ backend, model: null }));

const serves = (router: Router, api: Api): boolean => router.serves({ api, target: `/${api}` });

describe('rules', () => {
  const rules = [
    rule('gpt-*', 'next', { fallback: fallbacks('other', 'codex') }),
    rule('fast', 'next', { model: 'llama3.2', fallback: fallbacks('next', 'other', 'other') }),
    rule('mixed', '', {
      backends: [
        { backend: 'next', weight: 9 },
        { backend: 'codex', weight: 1 },
      ],
      fallback: fallbacks('other'),
    }),
  ];
  const at = (random: number) => setUp([codex, next, other], rules, random).router;

  it('choose the backend, and then its fallbacks in their order', () => {
    expect(shown(at(0).candidates(asking('gpt-99')))).toEqual(['relay next', 'relay other', 'turn codex']);
  });

  it('rename the model for all of them, each of which is tried once', () => {
    expect(shown(at(0).candidates(asking('fast')))).toEqual(['relay next llama3.2', 'relay other llama3.2']);
  });

  it('give a fallback its own name of the model, where the rule has one', () => {
    const own = [{ backend: 'codex', model: 'gpt-5.5' }, ...fallbacks('other')];
    const { router } = setUp([codex, next, other], [rule('big', 'next', { model: 'big-1', fallback: own })]);
    expect(shown(router.candidates(asking('big')))).toEqual([
      'relay next big-1',
      'turn codex gpt-5.5',
      'relay other big-1',
    ]);
    expect(router.knows('gpt-5.5')).toBe(true);
  });

  it('choose by weights', () => {
    expect(shown(at(0.89).candidates(asking('mixed')))).toEqual(['relay next', 'relay other']);
    expect(shown(at(0.9).candidates(asking('mixed')))).toEqual(['turn codex', 'relay other']);
  });

  it('leave out a backend that has neither the API nor a translation to it', () => {
    const embeddings = asking('gpt-4', { api: 'embeddings', target: '/embeddings' });
    expect(shown(at(0).candidates(embeddings))).toEqual(['relay next', 'relay other']);
  });

  it('that name only backends without the API end the request, however many models these have', async () => {
    const { router } = setUp([codex, next], [rule('*', 'codex')]);
    const embeddings = asking('gpt-4', { api: 'embeddings', target: '/embeddings' });
    expect(router.candidates(embeddings)).toBeNull();
    await expect(router.find(aContext(), embeddings)).rejects.toMatchObject({ code: 'route_not_found' });
  });
});

describe('APIs that a server lacks', () => {
  const chatOnly = fakeHttp('chat-only', ['m'], { apis: ['chat'] });
  const { router } = setUp([chatOnly]);

  it('are translated where it has chat: the Responses API and the legacy one', () => {
    expect(shown(router.candidates(asking('m')))).toEqual(['relay chat-only']);
    expect(shown(router.candidates(asking('m', { api: 'responses', target: '/responses' })))).toEqual([
      'turn chat-only',
    ]);
    expect(shown(router.candidates(asking('m', { api: 'completions', target: '/completions' })))).toEqual([
      'turn chat-only',
    ]);
  });

  it('are never translated where nothing corresponds', () => {
    const served = (['chat', 'completions', 'responses', 'embeddings', 'moderations', 'other'] as const).map(
      (api) => serves(router, api),
    );
    expect(served).toEqual([true, true, true, false, false, false]);
  });

  it('go on as they are to a server that takes any path', () => {
    const any = setUp([fakeHttp('any', [], { apis: ['chat'], passthrough: true })]).router;
    const request = asking('m', { api: 'embeddings', target: '/embeddings' });
    expect(shown(any.candidates(request))).toEqual(['relay any']);
    expect([serves(any, 'other'), serves(any, 'embeddings')]).toEqual([true, true]);
  });

  it('are not to be had from a server without chat', () => {
    const none = setUp([fakeHttp('embedder', ['m'], { apis: ['embeddings'] })]).router;
    expect(none.candidates(asking('m'))).toBeNull();
    expect(serves(none, 'chat')).toBe(false);
  });
});

describe('a model that no rule has', () => {
  it('goes to every backend that lists it, in the order of the file, once the lists are known', async () => {
    const { router } = setUp([codex, other, next]);
    expect(router.candidates(asking('gpt-4'))).toBeNull();
    expect(shown(await router.find(aContext(), asking('gpt-4')))).toEqual(['relay other', 'relay next']);
    expect(shown(router.candidates(asking('o4')))).toEqual(['turn codex']);
  });

  it('is refused where none does', async () => {
    const { router } = setUp([codex, next]);
    await expect(router.find(aContext(), asking('nothing'))).rejects.toMatchObject({
      code: 'model_not_found',
      message: "The model 'nothing' does not exist. Known models: o4, gpt-4, llama.",
    });
  });

  it('goes to a single server all the same, which says itself what it has', () => {
    expect(shown(setUp([next]).router.candidates(asking('nothing')))).toEqual(['relay next']);
    expect(shown(setUp([codex]).router.candidates(asking('nothing')))).toEqual(['turn codex']);
  });

  it('is looked for in the lists where that server has rules', async () => {
    const { router } = setUp([next], [rule('fast', 'next')]);
    await expect(router.find(aContext(), asking('nothing'))).rejects.toMatchObject({
      code: 'model_not_found',
    });
    expect(shown(router.candidates(asking('llama')))).toEqual(['relay next']);
  });
});

describe('a request without a model', () => {
  const stored = (id: string, rest = ''): RelayRequest =>
    asking(null, { api: 'responses', method: 'GET', target: `/responses/${id}${rest}`, value: undefined });

  it('for a stored response goes to the backend that made it', () => {
    const { router, makers } = setUp([codex, next, other]);
    makers.remember('resp_1', 'other');
    expect(shown(router.candidates(stored('resp_1')))).toEqual(['relay other']);
    expect(shown(router.candidates(stored('resp_1', '/input_items?limit=1')))).toEqual(['relay other']);
  });

  it('goes to the first backend that has the API, and to no other, where nobody knows who made it', () => {
    const { router, makers } = setUp([codex, next, other]);
    makers.remember('resp_2', 'gone');
    expect(shown(router.candidates(stored('resp_1')))).toEqual(['relay next']);
    expect(shown(router.candidates(stored('resp_2?stream=true')))).toEqual(['relay next']);
  });

  it('for a stored response is not found where only turns are taken', async () => {
    const { router } = setUp([codex, fakeHttp('chat-only', [], { apis: ['chat'] })]);
    expect(router.candidates(stored('resp_1'))).toBeNull();
    await expect(router.find(aContext(), stored('resp_1'))).rejects.toMatchObject({
      code: 'route_not_found',
      message: 'No backend takes GET /v1/responses/resp_1.',
    });
  });

  it('for another path goes to the first backend that passes such on', () => {
    const files = asking(null, { api: 'other', target: '/files', value: undefined });
    const { router } = setUp([codex, next, fakeHttp('any', [], { passthrough: true })]);
    expect(shown(router.candidates(files))).toEqual(['relay any']);
    expect(setUp([codex, next]).router.candidates(files)).toBeNull();
  });

  it('goes to the first backend that could answer it, which says what is missing', () => {
    expect(shown(setUp([codex, next]).router.candidates(asking(null)))).toEqual(['turn codex']);
  });
});

describe('a request that goes on from a response', () => {
  const goingOn = (model: string): RelayRequest =>
    asking(model, {
      api: 'responses',
      target: '/responses',
      value: { model, previous_response_id: 'resp_1' },
    });

  it('goes to the backend that has it, whatever the weights say', () => {
    const backends = [
      { backend: 'next', weight: 1 },
      { backend: 'other', weight: 1 },
    ];
    const { router, makers } = setUp([next, other], [rule('m', '', { backends })]);
    expect(shown(router.candidates(goingOn('m')))).toEqual(['relay next']);
    makers.remember('resp_1', 'other');
    expect(shown(router.candidates(goingOn('m')))).toEqual(['relay other']);
  });

  it('is tried there first where several list the model', async () => {
    const { router, makers } = setUp([next, other]);
    makers.remember('resp_1', 'other');
    expect(shown(await router.find(aContext(), goingOn('gpt-4')))).toEqual(['relay other', 'relay next']);
  });
});

describe('the names of models', () => {
  it('are those of all backends, and those that rules write without a star', async () => {
    const { router } = setUp(
      [codex, next, other],
      [rule('fast', 'next', { model: 'x' }), rule('q*', 'other')],
    );
    const names = (await router.models(aContext())).map(({ id }) => id);
    expect(names).toEqual(['fast', 'o4', 'gpt-4', 'llama', 'qwen']);
  });

  it('are known where a backend had them, or the operator has written them', () => {
    const { router } = setUp([codex, next], [rule('fast', 'next', { model: 'x' }), rule('q*', 'next')]);
    const known = ['o4', 'llama', 'fast', 'x', 'q*', 'qwen'].filter((name) => router.knows(name));
    expect(known).toEqual(['o4', 'llama', 'fast', 'x']);
  });

  it('are looked up one by one', async () => {
    const { router } = setUp([codex, next]);
    expect(await router.model(aContext(), 'llama')).toEqual({ id: 'llama' });
    await expect(router.model(aContext(), 'nothing')).rejects.toMatchObject({ code: 'model_not_found' });
  });
});
