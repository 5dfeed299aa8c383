import { readdir, readFile } from 'node:fs/promises';
import type { GatewayProcess } from '../support/gateway.ts';
import { askAsAnother, headers, type Stage } from './stage.ts';

/** Opens a stream whose answer stands still after its first words. */
const stall = async (
  { gateway, plant, pieces, backend }: Stage,
  place: string,
  more: Record<string, string> = {},
) => {
  const leave = new AbortController();
  const prompt = backend.prepare({ do: 'stall', pieces: pieces(`${place} answer`) });
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: headers(more),
    body: JSON.stringify({
      model: backend.model,
      stream: true,
      messages: [{ role: 'user', content: `${plant.text(`${place} prompt`)}\n${prompt}` }],
    }),
    signal: leave.signal,
  });
  const reader = response.body?.getReader();
  await reader?.read();
  return {
    leave: () => leave.abort(),
    /** Reads to the end, in whatever way it ends. */
    async end(): Promise<void> {
      for (;;) {
        const read = await reader?.read().catch(() => undefined);
        if (!read || read.done) return;
      }
    },
    reqId: response.headers.get('x-request-id') ?? '',
  };
};

/** The processes that a gateway has started as its backend. */
const workersOf = async ({ pid }: GatewayProcess): Promise<number[]> => {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    all.map(async (name) => {
      const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
      const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
      const parent = Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]);
      return parent === pid && /app-server/.test(command) ? [Number(name)] : [];
    }),
  );
  return found.flat();
};

/** A client that leaves, one whose time is over, and two whose backend dies. */
export const sendCutAnswers = async (stage: Stage): Promise<void> => {
  const { gateway, backend, others, reqIds } = stage;
  const left = await stall(stage, 'left');
  left.leave();
  await gateway.accessLine(left.reqId);
  const late = await stall(stage, 'late', { 'x-request-timeout-ms': '1500' });
  await late.end();
  const cut = await stall(stage, 'cut');
  const readyBefore = gateway.log.length;
  if (backend.exit) await backend.exit();
  else for (const pid of await workersOf(gateway)) process.kill(pid, 'SIGKILL');
  await cut.end();
  await askAsAnother(stage);
  if (backend.restart) await backend.restart(gateway);
  else
    await gateway.waitForLog(
      (line) => gateway.log.indexOf(line) >= readyBefore && line.msg === 'the backend is ready again',
    );
  others.push(JSON.stringify(await gateway.usageOf(cut.reqId)));
  reqIds.push(left.reqId, late.reqId, cut.reqId);
};

/** The gateway ends with an error that quotes the prompt. */
export const crash = async ({ gateway, plant, backend }: Stage): Promise<void> => {
  const prompt = backend.prepare({ do: 'answer', pieces: ['never'] });
  const content = `crash-the-gateway ${plant.text('prompt of the crash')}\n${prompt}`;
  await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: headers(),
    body: JSON.stringify({ model: backend.model, messages: [{ role: 'user', content }] }),
  }).then(
    (response) => response.text(),
    () => '',
  );
  const { code } = await gateway.exited;
  if (code !== 1) throw new Error(`the gateway was to crash, and ended with ${code}`);
};
