import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayProcess, runCli } from '../../support/gateway.ts';
import {
  createUpstreamServer,
  sendJson,
  type UpstreamReply,
  type UpstreamServer,
} from '../../support/upstream-server.ts';
import { ask, startTwo } from './support.ts';

const answerOf =
  (name: string): UpstreamReply =>
  (response, call) =>
    sendJson(
      200,
      call.path === '/v1/models'
        ? { object: 'list', data: [{ id: name, object: 'model' }] }
        : {
            id: `resp_${name}`,
            object: 'response',
            status: 'completed',
            model: name,
            output: [],
            made_by: name,
          },
    )(response, call);

let folder: string;
let path: string;
let servers: UpstreamServer[];
let gateway: GatewayProcess;

const routes = (rule: string): string => `backends:
  one: { kind: http, url: "${servers[0]?.url}" }
  two: { kind: http, url: "${servers[1]?.url}" }
models:
  - ${rule}
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-routes-'));
  path = join(folder, 'routes.yaml');
  servers = await Promise.all([createUpstreamServer(answerOf('one')), createUpstreamServer(answerOf('two'))]);
  await writeFile(path, routes('{ match: second, backend: two }'));
  gateway = await startTwo({ PROXY_ROUTES: path, PROXY_WORKERS: '2' });
});
afterAll(async () => {
  await gateway?.remove();
  await Promise.all(servers.map((server) => server.close()));
  await rm(folder, { recursive: true });
});

const madeBy = async (suffix: string, body?: object): Promise<string> =>
  JSON.parse((await ask(`${gateway.url}/v1/${suffix}`, body ? { body } : {})).text).made_by;

it('finds the backend that made a response, also where the other process has served it', async () => {
  expect(await madeBy('responses', { model: 'second', input: 'hi' })).toBe('two');
  // Each on a connection of its own, so in turn: one of them at least is not the process of the first.
  for (let count = 0; count < 4; count++) expect(await madeBy('responses/resp_two')).toBe('two');
});

it('warns once of what all processes find, and tells of the setting that has no effect', async () => {
  const said = gateway.log.filter(({ msg }) => msg.includes('has no effect'));
  expect(said.length).toBeLessThanOrEqual(1);
});

it('reads the routes again in all processes', async () => {
  await writeFile(path, routes('{ match: second, backend: one }'));
  const before = gateway.log.length;
  process.kill(gateway.pid, 'SIGHUP');
  const isRead = ({ msg }: { msg: string }) => msg.includes('the routes were read again');
  await gateway.waitForLog(() => gateway.log.slice(before).filter(isRead).length === 2);
  const made = [];
  for (let count = 0; count < 4; count++)
    made.push(await madeBy('responses', { model: 'second', input: 'hi' }));
  expect(made).toEqual(['one', 'one', 'one', 'one']);
});

it('does not start with a routes file that is wrong, and says once what is', async () => {
  const wrong = join(folder, 'wrong.yaml');
  await writeFile(wrong, routes('{ match: second, backend: tow }'));
  const env = { PROXY_PROCESSES: '2', PROXY_ROUTES: wrong, PORT: '0' };
  const { code, stdout, stderr } = await runCli(['serve'], { cwd: folder, env });
  expect({ code, stdout, stderr }).toEqual({
    ...{ code: 2, stdout: '' },
    stderr: `throughline: ${wrong}:5:31: there is no backend "tow"; did you mean two?\n`,
  });
});
