import type { Sample } from './report.ts';

const WIDTH = 24;

/** One line about where a run is. */
export const progressLine = ({ seconds, requests, held }: Sample, totalSeconds: number): string => {
  const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
  return [
    `${Math.round(seconds)}/${totalSeconds} s`,
    `${requests} requests`,
    `rss ${mib(held.before.rss)}`,
    `heap ${mib(held.before.heapUsed)} (live ${mib(held.after.heapUsed)})`,
    `descriptors ${held.descriptors}`,
    `delay p99 ${held.delay.p99} ms, max ${held.delay.max} ms`,
  ].join(' · ');
};

/** Lines to a pipe; on a terminal a bar that is drawn again in place. */
export const createProgress = (out: NodeJS.WriteStream, totalSeconds: number) => ({
  show(sample: Sample): void {
    const line = progressLine(sample, totalSeconds);
    if (!out.isTTY) return void out.write(`${line}\n`);
    const done = Math.min(WIDTH, Math.round((WIDTH * sample.seconds) / totalSeconds));
    out.write(`\r\x1b[K[${'█'.repeat(done)}${'░'.repeat(WIDTH - done)}] ${line}`.slice(0, out.columns + 4));
  },
  end(): void {
    if (out.isTTY) out.write('\n');
  },
});
