import { ROWS, runs } from '../../bench/rows.ts';
import { bodyOf, SCENES, sceneOf } from '../../bench/scenes.ts';

const SURROUNDINGS = {
  model: 'http://127.0.0.1:1',
  sink: 'http://127.0.0.1:2',
  port: 3,
  folder: '/nowhere',
};

const rowOf = (name: string) => {
  const row = ROWS.find((each) => each.name === name);
  if (!row) throw new Error(`there is no row ${name}`);
  return row;
};

test('names are given once, and each row is compared with one that there is', () => {
  expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
  expect(new Set(SCENES.map(({ name }) => name)).size).toBe(SCENES.length);
  for (const { floor } of ROWS) expect(rowOf(floor).floor).toBe(floor);
});

test('a scene names rows that there are', () => {
  const named = SCENES.flatMap(({ only, quick }) => [
    ...(only ?? []),
    ...(typeof quick === 'boolean' ? [] : quick),
  ]);
  for (const name of named) expect(rowOf(name).name).toBe(name);
});

test.each([
  ['full', { PROXY_CAPTURE: 'full', LOG_PROTO: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: SURROUNDINGS.sink }],
  ['full-0', { PROXY_CAPTURE: 'full', OTEL_TRACES_SAMPLER: 'always_off' }],
  ['full-10', { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' }],
  ['metadata', { PROXY_CAPTURE: 'metadata', PROXY_UPSTREAM_URL: 'http://127.0.0.1:1/v1' }],
  ['off-bare', { PROXY_CAPTURE: 'off', LOG_PROTO: 'false' }],
])('the row %s sets what its name says', (name, env) => {
  expect(rowOf(name).start(SURROUNDINGS).env).toMatchObject(env);
});

test('a row without an export names no collector', () => {
  expect(Object.keys(rowOf('full-bare').start(SURROUNDINGS).env).join()).not.toContain('OTEL_');
});

test('the body of a scene is as large as it says, and its last line tells the model how much to say', () => {
  const body = bodyOf(sceneOf('prompt-1mb'), 'm');
  expect(body.length).toBeGreaterThan(1_000_000);
  expect(body.length).toBeLessThan(1_001_000);
  expect(body.slice(-20)).toContain('\\n/long 8"}]}');
});

test('the app-server runs no scene of long prompts or quiet streams', () => {
  const run = SCENES.filter((scene) => runs(rowOf('app-full'), scene)).map(({ name }) => name);
  expect(run).toEqual(['plain', 'stream-8', 'stream-64', 'stream-512', 'alone', 'idle']);
});
