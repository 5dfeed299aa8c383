import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv, type ValidateFunction } from 'ajv';
import { KNOWN_WORDS } from '../../src/backend/app-server/turn/codex-errors.ts';
import { CODEX_BIN } from '../support/codex.ts';
import { initialize, runTurn, startThread, withServer } from './conversation.ts';
import { startAppServer } from './support.ts';

/** The real Codex prints the schema of what it speaks: what this server says must fit it. */
let schemas = '';
beforeAll(async () => {
  schemas = await mkdtemp(join(tmpdir(), 'app-server-schema-'));
  await promisify(execFile)(CODEX_BIN, [
    'app-server',
    'generate-json-schema',
    '--experimental',
    '--out',
    schemas,
  ]);
});
afterAll(() => rm(schemas, { recursive: true, force: true }));

const validators = new Map<string, ValidateFunction>();
const validatorOf = async (name: string): Promise<ValidateFunction> => {
  const known = validators.get(name);
  if (known) return known;
  // Its `format`s are Rust's number types, which JSON Schema does not know.
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const validate = ajv.compile(JSON.parse(await readFile(join(schemas, `${name}.json`), 'utf8')));
  validators.set(name, validate);
  return validate;
};

const expectFit = async (schema: string, value: unknown) => {
  const validate = await validatorOf(schema);
  validate(value);
  expect({ schema, errors: validate.errors ?? [] }).toEqual({ schema, errors: [] });
};

/** The notifications for internal use are in no union, and have a schema each. */
const INTERNAL: Readonly<Record<string, string>> = {
  'rawResponseItem/completed': 'v2/RawResponseItemCompletedNotification',
  'rawResponse/completed': 'v2/RawResponseCompletedNotification',
};

const expectNotificationFits = async (notification: { method: string; params: unknown }) => {
  const own = INTERNAL[notification.method];
  await (own ? expectFit(own, notification.params) : expectFit('ServerNotification', notification));
};

test('every response fits', async () => {
  const server = startAppServer();
  await expectFit('v1/InitializeResponse', await initialize(server));
  await expectFit('v2/ModelListResponse', await server.get('model/list', {}));
  await expectFit('v2/ConfigReadResponse', await server.get('config/read', { includeLayers: true }));
  const started = await server.get<{ thread: { id: string } }>('thread/start', {
    sandbox: 'workspace-write',
  });
  await expectFit('v2/ThreadStartResponse', started);
  const threadId = started.thread.id;
  await expectFit(
    'v2/ThreadInjectItemsResponse',
    await server.get('thread/inject_items', { threadId, items: [] }),
  );
  await runTurn(server, threadId, '/think so\n/messages');
  await expectFit('v2/ThreadReadResponse', await server.get('thread/read', { threadId, includeTurns: true }));
  await expectFit('v2/ThreadListResponse', await server.get('thread/list', {}));
  await expectFit('v2/ThreadLoadedListResponse', await server.get('thread/loaded/list', { limit: 1 }));
  await expectFit('v2/ThreadResumeResponse', await server.get('thread/resume', { threadId }));
  await expectFit('v2/ThreadForkResponse', await server.get('thread/fork', { threadId, ephemeral: true }));
  const input = [{ type: 'text', text: '/stall', text_elements: [] }];
  const begun = await server.get<{ turn: { id: string } }>('turn/start', { threadId, input });
  await expectFit('v2/TurnStartResponse', begun);
  const turnId = begun.turn.id;
  await expectFit(
    'v2/TurnSteerResponse',
    await server.get('turn/steer', { threadId, expectedTurnId: turnId, input: [] }),
  );
  await expectFit('v2/TurnInterruptResponse', await server.get('turn/interrupt', { threadId, turnId }));
  await server.until(() => server.notifications.filter(({ method }) => method === 'turn/completed')[1]);
  const target = { type: 'uncommittedChanges' };
  await expectFit('v2/ReviewStartResponse', await server.get('review/start', { threadId, target }));
  await server.until(() => server.notifications.filter(({ method }) => method === 'turn/completed')[2]);
  await expectFit('v2/ThreadCompactStartResponse', await server.get('thread/compact/start', { threadId }));
  await expectFit('v2/ThreadUnsubscribeResponse', await server.get('thread/unsubscribe', { threadId }));
  await server.close();
});

test('every notification and every request to the client fits', async () => {
  const answer = () => ({
    result: { decision: 'accept', contentItems: [{ type: 'inputText', text: 'sunny' }], success: true },
  });
  await withServer({ answer }, async (server) => {
    const dynamicTools = [{ type: 'function', name: 'weather', description: '', inputSchema: {} }];
    const threadId = await startThread(server, { dynamicTools, experimentalRawEvents: true });
    for (const prompt of [
      '/think so\n/retry\n/tool weather {"a":[1]}\n/tool weather {}\n/ask',
      '/messages',
      '/fail httpConnectionFailed 503',
      '/fail other',
    ]) {
      await runTurn(server, threadId, prompt);
    }
    await server.get('review/start', { threadId, target: { type: 'uncommittedChanges' } });
    await server.until(() => server.notifications.filter(({ method }) => method === 'turn/completed')[4]);
    await server.get('thread/compact/start', { threadId });
    await server.until(() => server.notifications.filter(({ method }) => method === 'turn/completed')[5]);
    for (const notification of server.notifications) await expectNotificationFits(notification);
    for (const ask of server.asks) await expectFit('ServerRequest', ask);
    expect(new Set(server.notifications.map(({ method }) => method)).size).toBe(15);
    expect(server.asks.length).toBe(3);
  });
});

test('the gateway knows every error word that the real server can say', async () => {
  const { definitions } = JSON.parse(
    await readFile(join(schemas, 'v2', 'TurnCompletedNotification.json'), 'utf8'),
  );
  const words = (definitions.CodexErrorInfo.oneOf ?? definitions.CodexErrorInfo.anyOf).flatMap(
    (one: { enum?: string[] }) => one.enum ?? [],
  );
  expect(words.length).toBeGreaterThan(10);
  expect([...words].sort()).toEqual([...KNOWN_WORDS].sort());
});
