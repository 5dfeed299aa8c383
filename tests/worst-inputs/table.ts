import { availableParallelism } from 'node:os';

export type Row = {
  readonly from: 'client' | 'backend';
  readonly name: string;
  readonly mib: number;
  readonly status: number;
  /** The longest stretch of work on the event loop. */
  readonly holdMs: number;
  /** Processor time of the main thread. */
  readonly cpuMs: number;
};

const HEAD = `# The worst inputs

How long the worst inputs that the default limits admit hold the event loop of the gateway, on which all requests wait, and what they cost
its main thread. Goal: no input holds it for more than 50 ms at once.

**At once** is the longest stretch for which the main thread worked without coming back to its event loop, the garbage collector included; **in
all** what it worked for the whole request: the trace, the call to the backend and the answer included. Both are processor time, so that what else the
machine does does not count. A body of many small values costs more a
MiB than one of long texts; its number of values is bounded instead (\`src/http/json-limits.ts\`), so the time in all is.

Made by \`npm run worst-inputs\`, which starts a gateway with \`PROXY_ENV=dev\` (mirror on, \`PROXY_CAPTURE=full\`: the most work) and sends each input
three times; medians are shown.
`;

const cell = (value: number, digits = 0): string => value.toFixed(digits);

export const renderTable = (rows: readonly Row[]): string =>
  `${HEAD}
Measured with Node ${process.versions.node} on ${availableParallelism()} processors.

| from | input | MiB | status | at once, ms | in all, ms | ms a MiB |
|---|---|---:|---:|---:|---:|---:|
${rows
  .map(
    ({ from, name, mib, status, holdMs, cpuMs }) =>
      `| ${from} | ${name.replaceAll('|', '\\|')} | ${cell(mib, 2)} | ${status} | ${cell(holdMs)} | ${cell(cpuMs)} | ${cell(cpuMs / mib, 1)} |`,
  )
  .join('\n')}
`;
