import { join } from 'node:path';
import { binaryOf } from './cache.ts';
import { freePorts } from './ports.ts';
import { type Service, startService } from './service.ts';

export type Jaeger = {
  queryUrl: string;
  /** Where the collector sends to, host and port. */
  otlp: string;
  service(): Service;
  /** With the same ports and the same storage as before. */
  start(): Promise<void>;
};

/** Jaeger all-in-one with a storage on disk, so that a restart of it is one that keeps what it had. */
export const startJaeger = async (folder: string): Promise<Jaeger> => {
  const held = await freePorts(10);
  const [otlp, query, admin, ...others] = held.ports.map((port) => `127.0.0.1:${port}`);
  const args = [
    `--collector.otlp.grpc.host-port=${otlp}`,
    `--query.http-server.host-port=${query}`,
    `--admin.http.host-port=${admin}`,
    `--collector.otlp.http.host-port=${others[0]}`,
    `--collector.grpc-server.host-port=${others[1]}`,
    `--collector.http-server.host-port=${others[2]}`,
    `--query.grpc-server.host-port=${others[3]}`,
    `--http-server.host-port=${others[4]}`,
    `--processor.jaeger-binary.server-host-port=${others[5]}`,
    `--processor.jaeger-compact.server-host-port=${others[6]}`,
    '--processor.zipkin-compact.server-host-port=127.0.0.1:0',
    '--badger.ephemeral=false',
    `--badger.directory-key=${join(folder, 'jaeger', 'keys')}`,
    `--badger.directory-value=${join(folder, 'jaeger', 'values')}`,
    '--log-level=warn',
  ];
  const start = (): Promise<Service> =>
    startService({
      file: binaryOf('jaeger'),
      args,
      env: { SPAN_STORAGE_TYPE: 'badger', COLLECTOR_OTLP_ENABLED: 'true' },
      readyUrl: `http://${admin}/`,
    });
  await held.release();
  let service = await start();

  return {
    queryUrl: `http://${query}`,
    otlp: String(otlp),
    service: () => service,
    async start() {
      service = await start();
    },
  };
};
