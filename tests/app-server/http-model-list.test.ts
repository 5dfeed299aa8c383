import { listModelNames } from '../../src/app-server/model/http/list-models.ts';
import { listenOnLoopback } from '../support/loopback.ts';
import { initialize } from './conversation.ts';
import { startAppServer } from './support.ts';

test('without a name it offers all models that the server lists, its first one first', async () => {
  const { url, close } = await listenOnLoopback((request, response) => {
    const found = request.url === '/v1/models' && request.headers.authorization === 'Bearer sk-loopback';
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data: [{ id: 'first-model' }, { id: 'second-model' }] }));
  });
  const env = { OPENAI_API_KEY: 'sk-loopback' };
  const server = startAppServer({ args: ['--model-url', `${url}/v1`], env });
  try {
    await initialize(server);
    const { result } = await server.call('model/list', {});
    const ids = (result as { data: { id: string }[] }).data.map(({ id }) => id);
    expect(ids).toEqual(['first-model', 'second-model']);
  } finally {
    await server.close();
    await close();
  }
});

test('a server that is not there is named with what was asked of it and why it did not answer', async () => {
  const { url, close } = await listenOnLoopback(() => undefined);
  await close();
  await expect(listModelNames(new URL(`${url}/v1`), undefined)).rejects.toThrow(
    `the model server does not answer GET ${url}/v1/models (ECONNREFUSED)`,
  );
});
