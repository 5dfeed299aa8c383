import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binaryOf } from './cache.ts';
import { freePorts } from './ports.ts';
import { type Service, startService } from './service.ts';

export const COLLECTOR_CONFIG = fileURLToPath(new URL('../../../otel-collector.yaml', import.meta.url));

export type CollectorPorts = { http: number; health: number; metrics: number; spanMetrics: number };

export type Collector = {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  otlpUrl: string;
  ports: CollectorPorts;
  service(): Service;
  /** With the same ports, settings and queues as before. */
  start(): Promise<void>;
  /** Its end, and that of the ports where nobody answers it. */
  stop(): Promise<void>;
  /** The sum of its own metric over all series that carry these labels; 0 where there is none. */
  ownMetric(name: string, labels?: Record<string, string>): Promise<number>;
};

type Options = { folder: string; jaegerOtlp: string; env: Record<string, string> };

const sumOf = (text: string, name: string, labels: Record<string, string>): number =>
  text
    .split('\n')
    .filter((line) => new RegExp(`^${name}(?:_total)?[{ ]`).test(line))
    .filter((line) => Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);

/** The collector with this repository's own configuration: only addresses and what a test asks for are set. */
export const startCollector = async ({ folder, jaegerOtlp, env }: Options): Promise<Collector> => {
  const own = await freePorts(5);
  const [grpc, http = 0, health = 0, metrics = 0, spanMetrics = 0] = own.ports;
  // Nobody answers there, as on a machine without Tempo and Loki: these are held as long as the collector knows them.
  const absent = await freePorts(2);
  const [tempo, loki] = absent.ports;
  const settings = {
    COLLECTOR_OTLP_GRPC_ENDPOINT: `127.0.0.1:${grpc}`,
    COLLECTOR_OTLP_HTTP_ENDPOINT: `127.0.0.1:${http}`,
    COLLECTOR_HEALTH_ENDPOINT: `127.0.0.1:${health}`,
    COLLECTOR_PROMETHEUS_ENDPOINT: `127.0.0.1:${spanMetrics}`,
    COLLECTOR_METRICS_HOST: '127.0.0.1',
    COLLECTOR_METRICS_PORT: String(metrics),
    COLLECTOR_QUEUE_DIR: join(folder, 'queue'),
    SPAN_METRICS_INTERVAL: '1s',
    EXPORT_MAX_RETRY_INTERVAL: '1s',
    JAEGER_OTLP_ENDPOINT: jaegerOtlp,
    TEMPO_OTLP_ENDPOINT: `127.0.0.1:${tempo}`,
    // Full soon.
    TEMPO_QUEUE_BYTES: '20000',
    LOKI_QUEUE_BYTES: '20000',
    LOKI_OTLP_ENDPOINT: `http://127.0.0.1:${loki}/otlp`,
    ...env,
  };
  const start = (): Promise<Service> =>
    startService({
      file: binaryOf('collector'),
      args: ['--config', COLLECTOR_CONFIG],
      env: settings,
      readyUrl: `http://127.0.0.1:${health}/`,
    });
  await own.release();
  let service = await start();

  return {
    otlpUrl: `http://127.0.0.1:${http}`,
    ports: { http, health, metrics, spanMetrics },
    service: () => service,
    async start() {
      service = await start();
    },
    async stop() {
      await service.stop();
      await absent.release();
    },
    async ownMetric(name, labels = {}) {
      const response = await fetch(`http://127.0.0.1:${metrics}/metrics`);
      return sumOf(await response.text(), name, labels);
    },
  };
};
