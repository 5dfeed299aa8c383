import { warnOfUnusedSettings } from '../../src/composition/mistakes.ts';
import { readConfig } from '../../src/config/index.ts';
import type { ConfiguredBackend } from '../../src/gateway/routes.ts';
import { httpSettings } from '../support/http-settings.ts';

const CODEX: ConfiguredBackend = { kind: 'app-server', name: 'codex' };
const NEXT: ConfiguredBackend = { kind: 'http', name: 'next', settings: httpSettings() };

/** What the log says at a start with these variables and these backends. */
const warningsOf = (env: Record<string, string>, ...backends: ConfiguredBackend[]): string[] => {
  const said: string[] = [];
  const { backend } = readConfig({ PROXY_ROUTES: 'routes.yaml', ...env });
  if (backend.kind !== 'routes') throw new Error(`it is ${backend.kind}`);
  const routes = { backends, rules: [] };
  warnOfUnusedSettings(backend.ofAppServer, routes, (_fields, message) => said.push(message));
  return said;
};

test.each(['CODEX_BIN', 'PROXY_APP_SERVER_CMD', 'PROXY_APP_SERVER_ENV'])(
  '%s has no effect where the routes have no app-server, which the start says',
  (name) => {
    expect(warningsOf({ [name]: 'SOME_NAME' }, NEXT)).toEqual([
      `${name} has no effect: the routes file has no backend of kind app-server`,
    ]);
  },
);

test('PROXY_APP_SERVER_URL neither', () => {
  expect(warningsOf({ PROXY_APP_SERVER_URL: 'ws://127.0.0.1:1' }, NEXT)).toHaveLength(1);
});

test('nothing is said where the routes have an app-server, or nothing of it is set', () => {
  expect(warningsOf({ CODEX_BIN: 'codex' }, NEXT, CODEX)).toEqual([]);
  expect(warningsOf({}, NEXT)).toEqual([]);
});
