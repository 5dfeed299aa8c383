import type { BackendHealth, Health, SiblingHealth } from '../../http/health.ts';
import type { ProcessHealth } from './messages.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** A backend as all processes see it: each has its own connections, workers and circuit. */
const mergeBackend = (seen: readonly BackendHealth[]): BackendHealth | [] => {
  // Of the circuits and the reasons, those of a process that has trouble.
  const worst = seen.find(({ ready }) => !ready) ?? seen.find(({ reason }) => reason !== null) ?? seen[0];
  if (!worst) return [];
  const troubled = seen.find(({ circuit }) => circuit !== null && circuit.state !== 'closed') ?? worst;
  return {
    ...worst,
    circuit: troubled.circuit,
    ready: seen.some(({ ready }) => ready),
    starting: seen.some(({ starting }) => starting),
  };
};

/** The health of the gateway from those of its processes. `own` is of the process that was asked. */
export const mergeHealth = (
  own: ProcessHealth['health'],
  reports: readonly ProcessHealth['health'][],
  processes: readonly SiblingHealth[],
): Health => {
  const all = reports.length > 0 ? reports : [own];
  const appServers = all.flatMap(({ backend }) => backend ?? []);
  return {
    version: own.version,
    draining: own.draining,
    backend: own.backend && {
      ready: appServers.some(({ ready }) => ready),
      starting: appServers.some(({ starting }) => starting),
      restarts: sum(appServers.map(({ restarts }) => restarts)),
      workers: appServers.flatMap(({ workers }) => workers),
    },
    backends: own.backends.flatMap(({ name }) =>
      mergeBackend(all.flatMap(({ backends }) => backends.find((one) => one.name === name) ?? [])),
    ),
    openRequests: sum(all.map(({ openRequests }) => openRequests)),
    admission: {
      running: sum(all.map(({ admission }) => admission.running)),
      streams: sum(all.map(({ admission }) => admission.streams)),
      waiting: sum(all.map(({ admission }) => admission.waiting)),
    },
    processes,
  };
};
