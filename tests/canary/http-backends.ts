import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import type { CanaryBackend, RunningBackend } from './backends.ts';
import { CANARY_MODEL } from './model-endings.ts';
import { type CanaryServer, createCanaryServer } from './model-server.ts';

/** No shape gives them away, and no name stands beside them: they are known as secrets because they are configured. */
export const BACKEND_KEY = 'Xq7v-Otter.93wk/Lmpz42';
const HEADER_VALUE = 'Heron_5tGk+mill.Jw8zqR';
const HOP_KEY = 'Kite=6hNb-quarry.Wp3x';

/** It has no shell of its own. */
const NO_SHELL = /^command$/;

/** Brings it back, and waits until the gateway before it knows that. */
const restart = async (server: CanaryServer, before: GatewayProcess): Promise<void> => {
  const away = await before.waitForLog(({ msg }) => /^the backend \S+ does not answer/.test(msg));
  await server.restart();
  const { log } = before;
  await before.waitForLog(
    (line) => log.indexOf(line) > log.indexOf(away) && /^the backend \S+ answers$/.test(line.msg),
  );
};

const ofServer = (server: CanaryServer): Omit<RunningBackend, 'env' | 'close'> => ({
  model: CANARY_MODEL,
  prepare: server.prepare,
  prepareReply: server.prepare,
  exit: server.exit,
  restart: (gateway) => restart(server, gateway),
});

export const http: CanaryBackend = {
  name: 'an HTTP server, relayed',
  neverSays: NO_SHELL,
  speaksInLines: true,
  secrets: [BACKEND_KEY],
  async open() {
    const server = await createCanaryServer();
    return {
      ...ofServer(server),
      env: { PROXY_UPSTREAM_URL: server.url, PROXY_UPSTREAM_API_KEY: BACKEND_KEY },
      close: server.close,
    };
  },
};

/** As the routes file has it: with headers that are secrets, and all paths. */
const routesFor = (url: string): string => `backends:
  next:
    kind: http
    url: "${url}"
    key_env: CANARY_KEY
    apis: [chat]
    passthrough: true
    trust: true
    metadata: true
    headers: { x-canary: "${HEADER_VALUE}" }
`;

export const translated: CanaryBackend = {
  name: 'an HTTP server, translated',
  neverSays: NO_SHELL,
  speaksInLines: true,
  secrets: [BACKEND_KEY, HEADER_VALUE],
  async open() {
    const server = await createCanaryServer();
    const folder = await mkdtemp(join(tmpdir(), 'throughline-canary-'));
    const path = join(folder, 'routes.yaml');
    await writeFile(path, routesFor(server.url));
    return {
      ...ofServer(server),
      env: { PROXY_ROUTES: path, CANARY_KEY: BACKEND_KEY },
      async close() {
        await server.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

export const throughTwoGateways: CanaryBackend = {
  name: 'an HTTP server behind a second gateway',
  neverSays: NO_SHELL,
  speaksInLines: true,
  // The key of the gateway behind is known to that one alone.
  secrets: [HOP_KEY],
  async open(_capture, _otlpUrl, env) {
    const server = await createCanaryServer();
    const hop = await startGateway({
      ...env,
      PROXY_API_KEYS: `hop:${HOP_KEY}`,
      PROXY_UPSTREAM_URL: server.url,
      PROXY_UPSTREAM_API_KEY: BACKEND_KEY,
    });
    return {
      ...ofServer(server),
      hops: [hop],
      env: { PROXY_UPSTREAM_URL: `${hop.url}/v1`, PROXY_UPSTREAM_API_KEY: HOP_KEY },
      restart: () => restart(server, hop),
      async close() {
        await hop.remove();
        await server.close();
      },
    };
  },
};
