import type { Timers } from '../later.ts';

/** Watches that something is sent now and then. */
export interface Keepalive {
  /** Something was sent: the time begins anew. */
  sent(): void;
  stop(): void;
}

/** Calls back, again and again, where nothing was sent for too long. */
export type StartKeepalive = (onQuiet: () => void) => Keepalive;

/** For streams that are never kept alive. */
export const NEVER: StartKeepalive = () => ({ sent: () => undefined, stop: () => undefined });

/** `ms` is how long nothing may be sent. One timer for the whole stream: what is sent moves none, it is looked at when this one is over. */
export const createKeepalives =
  (ms: number, { now, later }: Timers): StartKeepalive =>
  (onQuiet) => {
    let sentAt = now();
    let stop: () => void = () => undefined;
    const watch = (restMs: number): void => {
      stop = later(restMs, () => {
        const quietMs = now() - sentAt;
        if (quietMs < ms) return watch(ms - quietMs);
        sentAt = now();
        watch(ms);
        onQuiet();
      });
    };
    watch(ms);
    return {
      sent() {
        sentAt = now();
      },
      stop: () => stop(),
    };
  };
