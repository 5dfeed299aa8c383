import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from './source-tree.ts';

export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
export const readYaml = (path: string): unknown => parse(readText(path), { merge: true });

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const duration = z.string().regex(/^(\d+(us|ms|s|m|h))+$/);
const port = /^(?:(?<address>[\d.]+):)?(?:\$\{(?<variable>[A-Z_]+):-(?<published>\d+)\}):(?<target>\d+)$/;

/** What this repository's compose file uses of the compose specification, and nothing beside it: a misspelt key is an error. */
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), target: z.string() }).optional(),
  pull_policy: z.literal('build').optional(),
  mem_limit: z.string(),
  pids_limit: z.int().positive(),
  env_file: z.array(z.strictObject({ path: z.string(), required: z.boolean() })).optional(),
  command: z.array(z.string()).optional(),
  user: z.string().optional(),
  init: z.boolean().optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  profiles: z.array(z.string()).optional(),
  ports: z.array(z.string().regex(port)),
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), scalar).optional(),
  volumes: z.array(z.string()).optional(),
  tmpfs: z.array(z.string().startsWith('/')).optional(),
  extra_hosts: z.array(z.string()).optional(),
  stop_grace_period: duration.optional(),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.literal('CMD')], z.string()),
      interval: duration,
      timeout: duration,
      start_period: duration,
      retries: z.int().positive(),
    })
    .optional(),
});

export const composeFile = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  'x-hardened': z.unknown(),
  services: z.record(z.string().regex(/^[a-z]+$/), service),
  volumes: z.record(z.string(), z.null()),
});
export type Service = z.infer<typeof service>;

export type Port = { address: string | undefined; variable: string; published: number; target: number };
export const portsOf = ({ ports }: Service): Port[] =>
  ports.map((text) => {
    const { address, variable = '', published, target } = port.exec(text)?.groups ?? {};
    return { address, variable, published: Number(published), target: Number(target) };
  });

/** What a volume entry mounts where; a source that is a path is a file or folder of the repository, or the empty device. */
export const mountsOf = ({ volumes = [] }: Service) =>
  volumes.map((text) => {
    const [source = '', target = '', mode] = withDefaults(text).split(':');
    return { source, target, mode, isFile: /^[./]/.test(source) };
  });

/** A text as it is where no variable of the shell is set. */
export const withDefaults = (text: string): string =>
  text.replace(/\$\{\w+:-([^}]*)\}/g, '$1').replace(/\$\{\w+:\+[^}]*\}/g, '');

/** The environment of a service where no variable of the shell is set. */
export const environmentOf = ({ environment = {} }: Service): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, withDefaults(String(value))]),
  );

/** The default of each variable that otel-collector.yaml reads. */
export const collectorDefaults = (): Record<string, string> =>
  Object.fromEntries(
    [...readText('otel-collector.yaml').matchAll(/\$\{env:(\w+):-([^}]*)\}/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );

/** The instructions of the Dockerfile, one a line, without comments. */
export const dockerfile = (): string[] =>
  readText('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');

/** The collector's configuration, as far as others agree with it; each `${env:NAME:-default}` is its default. */
export type Collector = {
  receivers: { otlp: { protocols: Record<string, { endpoint: string }> } };
  extensions: { health_check: { endpoint: string } };
  processors: Record<string, unknown>;
  exporters: Record<string, { endpoint?: string; retry_on_failure?: { max_elapsed_time: string } }>;
  connectors: Record<
    string,
    { namespace: string; histogram: { unit: string }; dimensions: { name: string }[] }
  >;
  service: {
    pipelines: Record<string, { processors: string[]; exporters: string[] }>;
    telemetry: { metrics: { readers: { pull: { exporter: { prometheus: { port: number } } } }[] } };
  };
};
export const readCollector = (): Collector =>
  parse(readText('otel-collector.yaml').replace(/\$\{env:\w+(?::-([^}]*))?\}/g, '$1'), { merge: true });

const portOf = (endpoint: string): number => Number(endpoint.split(':').at(-1));

/** The ports that the collector listens on. */
export const collectorPorts = ({ receivers, extensions, exporters, service: { telemetry } }: Collector) => ({
  otlp: Object.values(receivers.otlp.protocols).map(({ endpoint }) => portOf(endpoint)),
  health: portOf(extensions.health_check.endpoint),
  spanMetrics: portOf(exporters['prometheus']?.endpoint ?? ''),
  ownMetrics: telemetry.metrics.readers.map(({ pull }) => pull.exporter.prometheus.port),
});
