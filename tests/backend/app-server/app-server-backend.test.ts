import { createAppServerBackend } from '../../../src/backend/app-server/app-server-backend.ts';
import type { RunningTurn } from '../../../src/gateway/ports.ts';
import type { TurnEvent } from '../../../src/gateway/turn.ts';
import { aTurn, clientLeft } from '../../support/fake-exchange.ts';
import { createFakeSpan } from '../../support/fake-span.ts';
import { AT_WORK, createFakeWorker } from '../../support/fake-worker.ts';
import { type Notified, textDelta, tokens, turnCompleted } from '../../support/notifications.ts';
import { allOf } from '../../support/turn-events.ts';

const open = (answers?: Parameters<typeof createFakeWorker>[0]) => {
  const worker = createFakeWorker(answers);
  const controller = new AbortController();
  const span = createFakeSpan('backend_submission');
  const backend = createAppServerBackend(worker.supervisor, AT_WORK);
  const context = { span, signal: controller.signal };
  const submit = (turn = {}) => backend.submit(context, aTurn(turn));
  return { ...worker, controller, span, submit };
};

const all = ({ events }: RunningTurn): Promise<TurnEvent[]> => allOf(events);

test('a turn gets a thread of its own that nobody keeps, its instructions and its input', async () => {
  const { submit, calls } = open();
  const running = await submit({ instructions: 'Be kind.' });
  expect(running.conversationId).toBe('th');
  expect(calls.map(({ method }) => method)).toEqual(['thread/start', 'turn/start']);
  expect(calls[0]?.params).toMatchObject({
    ephemeral: true,
    approvalPolicy: 'never',
    sandbox: 'read-only',
    cwd: '/work',
    model: 'echo',
    baseInstructions: 'Be kind.',
  });
  expect(calls[1]?.params).toEqual({
    threadId: 'th',
    input: [{ type: 'text', text: 'hello', text_elements: [] }],
    model: 'echo',
  });
});

test('earlier messages are injected as items, and no input continues from them', async () => {
  const { submit, calls } = open();
  await submit({
    input: null,
    history: [
      { type: 'message', role: 'user', parts: [{ type: 'text', text: 'u' }] },
      { type: 'message', role: 'assistant', parts: [{ type: 'text', text: 'a' }], phase: 'commentary' },
      { type: 'message', role: 'system', parts: [{ type: 'text', text: 's' }] },
      { type: 'tool_call', callId: 'c', name: 'f', arguments: '{}' },
      { type: 'tool_result', callId: 'c', output: 'r' },
    ],
  });
  expect(calls[0]?.params).not.toHaveProperty('baseInstructions');
  expect(calls[1]).toMatchObject({
    method: 'thread/inject_items',
    params: {
      threadId: 'th',
      items: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'u' }] },
        {
          type: 'message',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'a' }],
          phase: 'commentary',
        },
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 's' }] },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: 'r' },
      ],
    },
  });
  expect(calls[2]?.params['input']).toEqual([]);
});

test('a model that the backend does not have is refused before anything is sent', async () => {
  const { submit, calls } = open();
  await expect(submit({ model: 'gpt-9' })).rejects.toMatchObject({ code: 'model_not_found', param: 'model' });
  expect(calls).toEqual([]);
});

test('the events of the turn are its answer, and the thread is let go when it has ended', async () => {
  const { submit, say, called, calls } = open();
  const running = await submit();
  say(...textDelta('Hi'));
  say(...turnCompleted());
  expect((await all(running)).map(({ type }) => type)).toEqual(['text', 'done']);
  await called('thread/unsubscribe');
  expect(calls.map(({ method }) => method)).not.toContain('turn/interrupt');
});

test('who leaves early interrupts the turn, and lets the thread go once the turn has ended', async () => {
  const { submit, say, called, calls } = open();
  const running = await submit();
  say(...textDelta('Hi'));
  for await (const _ of running.events) break;
  await called('turn/interrupt');
  expect(calls.map(({ method }) => method)).not.toContain('thread/unsubscribe');
  say(...turnCompleted('interrupted'));
  await called('thread/unsubscribe');
  expect(calls.slice(2).map(({ method, params }) => [method, params])).toEqual([
    ['turn/interrupt', { threadId: 'th', turnId: 't' }],
    ['thread/unsubscribe', { threadId: 'th' }],
  ]);
});

test('a signal that aborts ends the answer with its reason, and interrupts the turn once', async () => {
  const { submit, controller, called, calls, say } = open();
  const running = await submit();
  controller.abort(clientLeft());
  expect(await all(running)).toMatchObject([{ type: 'failed', error: { code: 'client_disconnected' } }]);
  await called('turn/interrupt');
  say(...turnCompleted('interrupted'));
  await called('thread/unsubscribe');
  expect(calls.filter(({ method }) => method === 'turn/interrupt')).toHaveLength(1);
});

test.each(['thread/start', 'thread/inject_items', 'turn/start'])(
  'a %s that is refused is the backend’s error',
  async (method) => {
    const { submit, turns } = open({ [method]: () => [{ error: { code: -32600, message: 'no' } }] });
    const turn = { history: [{ role: 'user', text: 'u' }] };
    await expect(submit(turn)).rejects.toMatchObject({
      code: 'backend_error',
      message: 'The backend refused the request. The trace of this request has its words.',
      cause: expect.objectContaining({ method, message: 'no' }),
    });
    expect(turns.active).toEqual([]);
  },
);

test.each(['thread/start', 'turn/start'])(
  'a %s whose answer has no id is the backend’s error',
  async (method) => {
    const { submit, turns } = open({ [method]: () => [{ result: { id: 5 } }] });
    await expect(submit()).rejects.toMatchObject({ code: 'backend_error' });
    expect(turns.active).toEqual([]);
  },
);

test('calls are children of the submission; what comes later goes to the span that is attached', async () => {
  const { submit, span, say } = open();
  const running = await submit();
  const io = createFakeSpan('backend_io');
  running.attach(io);
  say(...textDelta('Hi'));
  expect(span.children.map(({ name }) => name)).toEqual(['thread/start', 'turn/start']);
  expect(io.events).toHaveLength(1);
});

const said = ([method, params]: Notified) => ({ id: undefined, method, params });

describe('a turn that is stopped', () => {
  const usedAfterInterrupt = (status: string) =>
    open({
      'turn/interrupt': () => [{ result: {} }, said(tokens()), said(turnCompleted(status))],
    });

  test.each([
    ['interrupted', false],
    ['completed', true],
  ])('tells what it has used by its end, which is %s', async (status, isComplete) => {
    const { submit } = usedAfterInterrupt(status);
    const running = await submit();
    expect(await running.stop()).toMatchObject({ usage: { total_tokens: 16 }, isComplete });
  });

  test('tells it also when its client has left before', async () => {
    const { submit, controller } = usedAfterInterrupt('interrupted');
    const running = await submit();
    controller.abort(clientLeft());
    expect(await all(running)).toMatchObject([{ type: 'failed' }]);
    expect(await running.stop()).toMatchObject({ usage: { total_tokens: 16 }, isComplete: false });
  });

  test('is not waited for when it never ends', async () => {
    const { submit } = open({ 'turn/interrupt': () => [] });
    expect(await (await submit()).stop()).toEqual({ usage: null, isComplete: false });
  });
});

test('a client that leaves while the catalogue of models is waited for costs no call, and the worker is let go', async () => {
  const { worker, supervisor, calls } = createFakeWorker();
  const never = new Promise<null>(() => undefined);
  const catalog = { path: () => never, close: async () => undefined };
  const backend = createAppServerBackend(supervisor, AT_WORK, undefined, catalog);
  const controller = new AbortController();
  const context = { span: createFakeSpan('backend_submission'), signal: controller.signal };
  const tools = [{ name: 'f', description: '', parameters: {} }];
  const submitted = backend.submit(context, aTurn({ tools }));
  controller.abort(clientLeft());
  await expect(submitted).rejects.toMatchObject({ code: 'client_disconnected' });
  expect(calls).toEqual([]);
  expect(worker.load.count).toBe(0);
});
