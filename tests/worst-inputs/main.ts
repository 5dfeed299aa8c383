import { writeFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type MeasuredGateway, startMeasuredGateway } from './gateway.ts';
import { allInputs, type Input, sizeOf } from './inputs.ts';
import { type Row, renderTable } from './table.ts';

const ROUNDS = 3;
/** How long a client waits before it reads, where it reads late: until then the backend has said everything. */
const LATE_MS = 4_000;
const PAGE = fileURLToPath(new URL('../../docs/worst-inputs.md', import.meta.url));

/** Sends the input and takes the whole answer; resolves with its status, or with 0 where the connection broke. */
const send = (url: string, { path, body, slow }: Input): Promise<number> =>
  new Promise((resolve) => {
    const sent: ClientRequest = request(
      `${url}${path}`,
      { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': body.length } },
      (response: IncomingMessage) => {
        const status = response.statusCode ?? 0;
        response.on('error', () => resolve(status)).on('close', () => resolve(status));
        if (slow) void pause(LATE_MS).then(() => response.resume());
        else response.resume();
      },
    );
    sent.on('error', () => resolve(0));
    sent.end(body);
  });

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const measure = async (gateway: MeasuredGateway, input: Input): Promise<Row> => {
  const measured: { holdMs: number; cpuMs: number }[] = [];
  let status = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await gateway.measure();
    status = await send(gateway.url, input);
    // What ends the request on our side may come a moment after the answer.
    await pause(50);
    measured.push(await gateway.measure());
  }
  return {
    from: input.from,
    name: input.name,
    mib: sizeOf(input) / 1024 / 1024,
    status,
    holdMs: median(measured.map(({ holdMs }) => holdMs)),
    cpuMs: median(measured.map(({ cpuMs }) => cpuMs)),
  };
};

const only = process.argv[2] ?? '';
const gateway = await startMeasuredGateway();
const rows: Row[] = [];
try {
  const inputs = allInputs();
  for (const input of inputs.slice(0, 2)) await send(gateway.url, input);
  for (const input of inputs.filter(({ name }) => name.includes(only))) {
    const row = await measure(gateway, input);
    rows.push(row);
    process.stderr.write(
      `${row.name}: ${row.status}, ${row.holdMs.toFixed(0)} ms at once, ${row.cpuMs.toFixed(0)} ms in all\n`,
    );
  }
} finally {
  await gateway.remove();
}
if (only === '') await writeFile(PAGE, renderTable(rows));
