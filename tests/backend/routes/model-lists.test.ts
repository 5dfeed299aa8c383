import { createModelLists } from '../../../src/backend/routes/model-lists.ts';
import type { RoutedBackend } from '../../../src/backend/routes/routed-backend.ts';
import { GatewayError } from '../../../src/errors.ts';
import type { CallContext } from '../../../src/gateway/ports.ts';
import { createPace } from '../../../src/pace.ts';
import { aContext, fakeAppServer, fakeHttp } from '../../support/fake-backends.ts';
import { createFakeTimers } from '../../support/fake-timers.ts';

const setUp = (backends: readonly RoutedBackend[], named: readonly string[] = []) => {
  const timers = createFakeTimers();
  const lists = createModelLists({ backends, named: new Set(named), timers, pace: createPace() });
  const names = async (context = aContext()) => (await lists.all(context)).map(({ id }) => id);
  return { timers, lists, names };
};

/** A backend that counts how often it is asked, and answers when the test says so. */
const createAsked = () => {
  const open: {
    readonly context: CallContext;
    readonly answer: ReturnType<typeof Promise.withResolvers<readonly string[]>>;
  }[] = [];
  const backend = fakeHttp('slow', (context) => {
    const answer = Promise.withResolvers<readonly string[]>();
    open.push({ context, answer });
    return answer.promise;
  });
  return { backend, open };
};

/** A backend with an answer for each time that it is asked; the last one stays. */
const inTurn = (name: string, ...answers: readonly (readonly string[] | Error)[]) => {
  let asked = 0;
  const backend = fakeHttp(name, async () => {
    const answer = answers[Math.min(asked++, answers.length - 1)] ?? [];
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return { backend, asked: () => asked };
};

const unreachable = new GatewayError('backend_unreachable', 'The backend down cannot be reached.');

test('the lists of all backends are one, in the order of the file, behind the names of the rules', async () => {
  const { names } = setUp([fakeAppServer('a', ['x', 'y']), fakeHttp('b', ['y', 'z'])], ['fast']);
  expect(await names()).toEqual(['fast', 'x', 'y', 'z']);
});

test('all names are there, not the first hundred', async () => {
  const many = Array.from({ length: 2500 }, (_, at) => `m${at}`);
  expect(await setUp([fakeHttp('a', many)]).names()).toEqual(many);
});

test('a backend that lists without an end is cut off', async () => {
  const many = Array.from({ length: 10_001 }, (_, at) => `m${at}`);
  expect(await setUp([fakeHttp('a', many)]).names()).toHaveLength(10_000);
});

test('a list is given out for half a minute, then its backend is asked again', async () => {
  const { backend, asked } = inTurn('a', ['x'], ['y']);
  const { names, timers } = setUp([backend]);
  await names();
  timers.advance(29_999);
  expect([await names(), asked()]).toEqual([['x'], 1]);
  timers.advance(1);
  expect([await names(), asked()]).toEqual([['y'], 2]);
});

test('before a model is refused the backends are asked again, at most once in three seconds', async () => {
  const { backend, asked } = inTurn('a', ['x'], ['x'], ['x', 'new']);
  const { lists, names, timers } = setUp([backend]);
  await names();
  const refused = expect.objectContaining({ code: 'model_not_found' });
  await expect(lists.find(aContext(), 'new')).rejects.toEqual(refused);
  expect(asked()).toBe(1);
  timers.advance(3_000);
  await expect(lists.find(aContext(), 'new')).rejects.toEqual(refused);
  timers.advance(3_000);
  expect(await lists.find(aContext(), 'new')).toEqual({ id: 'new' });
  expect(asked()).toBe(3);
});

test('a backend that fails hides no other, and is asked again after three seconds', async () => {
  const down = inTurn('down', unreachable, ['z']);
  const { names, timers } = setUp([down.backend, fakeHttp('up', ['x'])]);
  expect(await names()).toEqual(['x']);
  timers.advance(2_999);
  expect(await names()).toEqual(['x']);
  timers.advance(1);
  expect(await names()).toEqual(['z', 'x']);
});

test('a backend that fails later keeps the names that it had', async () => {
  const { backend } = inTurn('a', ['x'], unreachable);
  const { names, timers } = setUp([backend]);
  await names();
  timers.advance(30_000);
  expect(await names()).toEqual(['x']);
});

test('where no backend can be asked and no rule has a name, the list fails with what the first one said', async () => {
  await expect(setUp([inTurn('down', unreachable).backend]).names()).rejects.toBe(unreachable);
  expect(await setUp([inTurn('down', unreachable).backend], ['fast']).names()).toEqual(['fast']);
});

test('a model that may be that of a backend which is down is not said to be none', async () => {
  const { lists } = setUp([inTurn('down', unreachable).backend, fakeHttp('up', ['x'])]);
  await expect(lists.find(aContext(), 'y')).rejects.toMatchObject({
    code: 'backend_unavailable',
    headers: { 'retry-after': '3' },
    message: "The model 'y' is not known, and the backend down cannot be asked for its models.",
  });
});

test('a backend that has no list of models at all is no reason to wait for one', async () => {
  const without = inTurn('without', new GatewayError('backend_error', 'It answered 404.')).backend;
  await expect(setUp([without, fakeHttp('up', ['x'])]).lists.find(aContext(), 'y')).rejects.toMatchObject({
    code: 'model_not_found',
    message: "The model 'y' does not exist. Known models: x.",
  });
});

test('several requests that need a list ask once', async () => {
  const { backend, open } = createAsked();
  const { names } = setUp([backend]);
  const all = Promise.all([names(), names(), names()]);
  expect(open).toHaveLength(1);
  open[0]?.answer.resolve(['x']);
  expect(await all).toEqual([['x'], ['x'], ['x']]);
});

test('a request that has ended waits no more, and its reading is made again for those who still wait', async () => {
  const { backend, open } = createAsked();
  const { names } = setUp([backend]);
  const leaving = new AbortController();
  const left = names(aContext(leaving.signal));
  const waiting = names();
  leaving.abort(new GatewayError('client_disconnected', 'The client left.'));
  await expect(left).rejects.toMatchObject({ code: 'client_disconnected' });
  expect(open[0]?.context.signal.aborted).toBe(true);
  while (open.length < 2) await new Promise((resolve) => setImmediate(resolve));
  open[1]?.answer.resolve(['x']);
  expect(await waiting).toEqual(['x']);
});

test('a request that waits for the reading of another may leave, and that goes on', async () => {
  const { backend, open } = createAsked();
  const { names } = setUp([backend]);
  const reading = names();
  const leaving = new AbortController();
  const left = names(aContext(leaving.signal));
  leaving.abort(new GatewayError('client_disconnected', 'The client left.'));
  await expect(left).rejects.toMatchObject({ code: 'client_disconnected' });
  open[0]?.answer.resolve(['x']);
  expect([await reading, open.length]).toEqual([['x'], 1]);
});

test('a backend that does not answer holds the others up for ten seconds, and is let go', async () => {
  const { backend, open } = createAsked();
  const { names, timers } = setUp([backend, fakeHttp('up', ['x'])]);
  const listed = names();
  timers.advance(10_000);
  expect(await listed).toEqual(['x']);
  expect([open[0]?.context.signal.aborted, timers.pending]).toEqual([true, 0]);
});

test('the union is made again only where a list has changed, since anyone may ask for a model that is not there', async () => {
  const { backend } = inTurn('a', ['x'], ['y']);
  const { lists, timers } = setUp([backend]);
  const first = await lists.all(aContext());
  expect(await lists.all(aContext())).toBe(first);
  timers.advance(30_000);
  expect(await lists.all(aContext())).toEqual([{ id: 'y' }]);
});
