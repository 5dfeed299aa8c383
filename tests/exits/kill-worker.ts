import type { EventLine } from '../../src/telemetry/mirror/line.ts';
import type { GatewayProcess } from '../support/gateway.ts';

/** Kills the backend process that was started last. */
export const killWorker = async (gateway: GatewayProcess): Promise<void> => {
  const starts = (await gateway.mirror()).filter(
    (line): line is EventLine => line.type === 'event' && line.kind === 'backend_start',
  );
  const { pid } = (starts.at(-1)?.payload ?? {}) as { pid?: number };
  if (pid === undefined) throw new Error('no backend was started');
  process.kill(pid, 'SIGKILL');
};

/** The gateway may start no more of them for now. */
export const workersGone = (gateway: GatewayProcess): Promise<unknown> =>
  gateway.waitForLog(({ msg }) => msg.includes('PROXY_MAX_RESTARTS'));
