import type { ConfiguredBackend } from '../../gateway/routes.ts';

/** The runtimes of the backends of one version of the routes. */
export interface HeldBackends<Runtime> {
  /** In the order of the routes. */
  readonly runtimes: readonly Runtime[];
  /** Closes the runtimes that no other version holds. May be called twice. */
  release(): Promise<void>;
}

/** Keeps one runtime for each backend. A backend with unchanged settings keeps its runtime, and its connections, over a reload. */
export interface KeptBackends<Runtime> {
  hold(backends: readonly ConfiguredBackend[]): HeldBackends<Runtime>;
}

interface Kept<Runtime> {
  readonly runtime: Runtime;
  holders: number;
}

/** A text that is equal for equal settings. It holds keys, so it must not leave this file. */
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
