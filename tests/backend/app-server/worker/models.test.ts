import { createAppServerBackend } from '../../../../src/backend/app-server/app-server-backend.ts';
import { createFakeSpan } from '../../../support/fake-span.ts';
import { AT_WORK, createFakeWorker } from '../../../support/fake-worker.ts';

const list = async (answers: Parameters<typeof createFakeWorker>[0]) => {
  const worker = createFakeWorker(answers);
  const backend = createAppServerBackend(worker.supervisor, AT_WORK);
  const context = { span: createFakeSpan('backend_submission'), signal: new AbortController().signal };
  const models = await backend.models(context);
  return { ids: models.map(({ id }) => id), calls: worker.calls };
};

const configured = (model: string | null) => ({ 'config/read': () => [{ result: { config: { model } } }] });
const listed = (data: object[], nextCursor: string | null = null) => ({
  'model/list': () => [{ result: { data, nextCursor } }],
});

test('the configured model comes first, and each model once', async () => {
  const { ids } = await list({ ...configured('mock'), ...listed([{ id: 'a' }, { id: 'mock' }]) });
  expect(ids).toEqual(['mock', 'a']);
});

test('without a configured model there are the listed ones, by the name that a turn takes', async () => {
  const { ids } = await list({ ...configured(null), ...listed([{ id: 'preset', model: 'a' }, { id: 'b' }]) });
  expect(ids).toEqual(['a', 'b']);
});

test('pages are asked for until there is no next one', async () => {
  const pages: Record<string, object> = {
    undefined: { data: [{ id: 'a' }], nextCursor: 'p2' },
    p2: { data: [{ id: 'b' }], nextCursor: null },
  };
  const { ids } = await list({
    ...configured(null),
    'model/list': ({ cursor }) => [{ result: pages[String(cursor)] }],
  });
  expect(ids).toEqual(['a', 'b']);
});

test('a list without end is read only so far', async () => {
  const { calls } = await list({ ...configured(null), ...listed([{ id: 'a' }], 'again') });
  expect(calls.length).toBeLessThan(50);
});

test('a refusal of the backend is the backend’s error', async () => {
  const refused = list({ ...configured(null), 'model/list': () => [{ error: { code: 1, message: 'no' } }] });
  await expect(refused).rejects.toMatchObject({ code: 'backend_error' });
});
