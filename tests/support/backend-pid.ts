import { readFile } from 'node:fs/promises';
import type { EventLine } from '../../src/telemetry/mirror/line.ts';
import type { GatewayProcess } from './gateway.ts';

/** The process of the first backend that the gateway started, as its mirror tells. */
export const backendPid = async (gateway: GatewayProcess): Promise<number> => {
  const start = await gateway.waitForMirror((lines) =>
    lines.find((line): line is EventLine => line.type === 'event' && line.kind === 'backend_start'),
  );
  return (start.payload as { pid: number }).pid;
};

/** Resolves once the process is no more, or is dead and only waits for somebody to take note of it. */
export const untilDead = async (pid: number): Promise<void> => {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    if (stat === null || /\) [ZX] /.test(stat)) return;
  }
};
