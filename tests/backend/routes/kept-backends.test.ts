import { createKeptBackends } from '../../../src/backend/routes/kept-backends.ts';
import type { HttpBackendSettings } from '../../../src/gateway/http-backend-settings.ts';
import type { ConfiguredBackend } from '../../../src/gateway/routes.ts';
import { httpSettings } from '../../support/http-settings.ts';

const http = (name: string, over: Partial<HttpBackendSettings> = {}): ConfiguredBackend => ({
  kind: 'http',
  name,
  settings: httpSettings({ name, ...over }),
});
const codex: ConfiguredBackend = { kind: 'app-server', name: 'codex' };

const setUp = () => {
  const [made, closed]: [string[], string[]] = [[], []];
  const kept = createKeptBackends(
    ({ name }) => {
      made.push(name);
      return name;
    },
    async (name) => void closed.push(name),
  );
  return { made, closed, kept };
};

test('a backend whose settings stay goes on over a change of the routes, one that changes is made anew', async () => {
  const { made, closed, kept } = setUp();
  const old = kept.hold([codex, http('a'), http('b'), http('gone')]);
  const now = kept.hold([http('b', { key: 'sk-new' }), http('a'), codex]);
  expect(now.runtimes).toEqual(['b', 'a', 'codex']);
  await old.release();
  expect([made, closed]).toEqual([
    ['codex', 'a', 'b', 'gone', 'b'],
    ['b', 'gone'],
  ]);
});

test.each<Partial<HttpBackendSettings>>([
  { url: new URL('http://127.0.0.1:10/v1') },
  { headers: { 'x-a': 'b' } },
  { timeouts: { connectMs: 1, firstByteMs: 2, idleMs: 3 } },
])('%j is a change', (change) => {
  const { made, kept } = setUp();
  kept.hold([http('a')]);
  kept.hold([http('a', change)]);
  expect(made).toEqual(['a', 'a']);
});

test('letting go twice is harmless for those who still hold', async () => {
  const { closed, kept } = setUp();
  const [one, two] = [kept.hold([codex]), kept.hold([codex])];
  await one.release();
  await one.release();
  expect(closed).toEqual([]);
  await two.release();
  expect(closed).toEqual(['codex']);
});
