import type { ConfiguredBackend } from '../../gateway/routes.ts';

/** What runs for the backends of some routes. */
export interface HeldBackends<Runtime> {
  /** In the order of the routes. */
  readonly runtimes: readonly Runtime[];
  /** Those that nobody else holds are closed. Twice is harmless. */
  release(): Promise<void>;
}

/** Keeps what runs for backends. One whose settings stay as they were goes on over a change of the routes, with its connections. */
export interface KeptBackends<Runtime> {
  hold(backends: readonly ConfiguredBackend[]): HeldBackends<Runtime>;
}

interface Kept<Runtime> {
  readonly runtime: Runtime;
  holders: number;
}

/** Equal for equal settings. It holds keys, and never leaves this file. */
const identityOf = (backend: ConfiguredBackend): string =>
  JSON.stringify(backend.kind === 'http' ? [backend.name, backend.settings] : [backend.name]);

export const createKeptBackends = <Runtime>(
  make: (backend: ConfiguredBackend) => Runtime,
  close: (runtime: Runtime) => Promise<void>,
): KeptBackends<Runtime> => {
  const kept = new Map<string, Kept<Runtime>>();

  const take = (backend: ConfiguredBackend): { readonly identity: string; readonly held: Kept<Runtime> } => {
    const identity = identityOf(backend);
    const held = kept.get(identity) ?? { runtime: make(backend), holders: 0 };
    held.holders++;
    kept.set(identity, held);
    return { identity, held };
  };

  return {
    hold(backends) {
      const taken = backends.map(take);
      let isHeld = true;
      return {
        runtimes: taken.map(({ held }) => held.runtime),
        async release() {
          if (!isHeld) return;
          isHeld = false;
          const unused = taken.filter(({ held }) => --held.holders === 0);
          for (const { identity } of unused) kept.delete(identity);
          await Promise.all(unused.map(({ held }) => close(held.runtime)));
        },
      };
    },
  };
};
