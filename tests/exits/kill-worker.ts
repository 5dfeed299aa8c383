import type { EventLine } from '../../src/telemetry/mirror/line.ts';
import type { GatewayProcess } from '../support/gateway.ts';

/** Kills the backend process that was started last. */
export const killWorker = async (gateway: GatewayProcess): Promise<void> => {
  const started = await gateway.waitForMirror((lines) =>
    lines.findLast((line): line is EventLine => line.type === 'event' && line.kind === 'backend_start'),
  );
  const { pid } = started.payload as { pid: number };
  process.kill(pid, 'SIGKILL');
};

/** The gateway may start no more of them for now. */
export const workersGone = (gateway: GatewayProcess): Promise<unknown> =>
  gateway.waitForLog(({ msg }) => msg.includes('PROXY_MAX_RESTARTS'));
