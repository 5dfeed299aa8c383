import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * What clients without a key cost the others, measured on a gateway of its own on loopback:
 * `node tests/soak/before-the-key.ts [--root FOLDER]`, where FOLDER is another checkout to compare with.
 */
const { values } = parseArgs({
  options: {
    root: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
    /** Connections that never send a byte; they take 30 s to be late. */
    silent: { type: 'string', default: '2000' },
  },
});

const KEY = 'measured-key';
const KIB = 1024;
const HOST = '127.0.0.1';

const startServe = async (root: string) => {
  const cwd = await mkdtemp(join(tmpdir(), 'throughline-measure-'));
  const child = spawn(process.execPath, [join(resolve(root), 'bin', 'throughline.mjs'), 'serve'], {
    cwd,
    env: { PATH: process.env['PATH'], PORT: '0', PROXY_API_KEYS: `measured:${KEY}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let requests = 0;
  const ready = Promise.withResolvers<number>();
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as { msg: string; kind?: string; url?: string };
    if (line.kind === 'access') requests++;
    if (line.msg.startsWith('ready on ')) ready.resolve(Number(new URL(line.url ?? '').port));
  });
  const stop = async (): Promise<void> => {
    const closed = new Promise((done) => child.once('close', done));
    child.kill('SIGTERM');
    await closed;
    await rm(cwd, { recursive: true, force: true });
  };
  return { port: await ready.promise, cwd, requests: () => requests, stop };
};

type Measured = Awaited<ReturnType<typeof startServe>>;

const open = (port: number, bytes: string | Buffer = ''): Socket =>
  connect(port, HOST)
    .on('error', () => undefined)
    .resume()
    .on('connect', function (this: Socket) {
      if (bytes.length > 0) this.write(bytes);
    });

/** The longest that the loop let a probe wait while something happens, in milliseconds. */
const longestWait = async (port: number, happens: () => Promise<unknown>): Promise<number> => {
  let isOver = false;
  let longest = 0;
  const probe = async (): Promise<void> => {
    while (!isOver) {
      const since = performance.now();
      await (await fetch(`http://${HOST}:${port}/livez`)).arrayBuffer();
      longest = Math.max(longest, performance.now() - since);
    }
  };
  const probing = probe();
  await happens();
  isOver = true;
  await probing;
  return Math.round(longest);
};

const pipelinedBurst = async ({ port, requests }: Measured): Promise<string> => {
  const one = `GET /v1/models HTTP/1.1\r\nhost: ${HOST}\r\n\r\n`;
  const burst = one.repeat(Math.floor((64 * KIB) / one.length));
  const idleMs = await longestWait(port, () => pause(3_000));
  const before = requests();
  const ms = await longestWait(port, async () => {
    const socket = open(port, burst);
    await Promise.race([new Promise((closed) => socket.once('close', closed)), pause(5_000)]);
    socket.destroy();
    await pause(500);
  });
  return `64 KiB of pipelined requests: the loop stood for ${ms} ms (idle: ${idleMs} ms), ${requests() - before} requests were begun`;
};

const slowBodies = async ({ port }: Measured): Promise<string> => {
  const size = 31 * KIB * KIB;
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: ${HOST}\r\ncontent-type: application/json\r\ncontent-length: ${size}\r\n\r\n`;
  const sockets = Array.from({ length: 9 }, () =>
    open(port, Buffer.concat([Buffer.from(head), Buffer.alloc(size - 1, 'x')])),
  );
  await pause(3_000);
  const response = await fetch(`http://${HOST}:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'throughline-echo',
      messages: [{ role: 'user', content: 'x'.repeat(9_000_000) }],
    }),
  });
  await response.arrayBuffer();
  for (const socket of sockets) socket.destroy();
  return `nine keyless bodies of 31 MiB under way: a body of 9 MB with a key is answered with ${response.status}`;
};

const mirrorBytes = async (cwd: string): Promise<[string, number][]> => {
  const folder = join(cwd, '.throughline');
  const names = (await readdir(folder)).filter((name) => name.startsWith('proto'));
  return Promise.all(
    names.map(async (name) => [name, (await stat(join(folder, name))).size] as [string, number]),
  );
};

const longHeaders = async ({ port, cwd }: Measured): Promise<string> => {
  const before = new Map(await mirrorBytes(cwd));
  for (let count = 0; count < 100; count++) {
    await fetch(`http://${HOST}:${port}/v1/models`, { headers: { 'user-agent': 'x'.repeat(15_000) } });
  }
  await pause(1_000);
  const grown = (await mirrorBytes(cwd)).map(
    ([name, size]) => `${name} ${Math.round((size - (before.get(name) ?? 0)) / 100)}`,
  );
  return `a 401 with a header of 15 kB: bytes written to ${grown.join(', ')}`;
};

const silentConnections = async ({ port, requests }: Measured, count: number): Promise<string> => {
  const before = requests();
  const sockets = Array.from({ length: count }, () => open(port));
  const ms = await longestWait(port, () => pause(35_000));
  for (const socket of sockets) socket.destroy();
  return `${count} connections without a byte: the loop stood for ${ms} ms, ${requests() - before} became requests`;
};

const gateway = await startServe(values.root);
for (const measure of [pipelinedBurst, slowBodies, longHeaders]) {
  process.stdout.write(`${await measure(gateway)}\n`);
}
const silent = Number(values.silent);
if (silent > 0) process.stdout.write(`${await silentConnections(gateway, silent)}\n`);
await gateway.stop();
