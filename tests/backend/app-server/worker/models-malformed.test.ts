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

test.each([{ data: 'none' }, {}, { data: [{ id: 5 }] }])(
  'a list of %j is the backend’s error',
  async (result) => {
    const malformed = list({ ...configured(null), 'model/list': () => [{ result }] });
    await expect(malformed).rejects.toMatchObject({ code: 'backend_error' });
  },
);
