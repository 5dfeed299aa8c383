import type { GatewayError } from '../../../errors.ts';
import type { HttpBackendSettings } from '../../../gateway/http-backend-settings.ts';
import type { Timers } from '../../../later.ts';
import { connectTimeout, firstByteTimeout, idleTimeout } from './call-errors.ts';

/** Watches for a time in which nothing happens. */
interface Silence {
  heard(): void;
  /** Stops the clock until `goOn`. */
  hold(): void;
  goOn(): void;
  stop(): void;
}

/** Calls `onSilent` after `ms` without `heard`. The timer is only reset when it runs out, since `heard` is called often. */
const watchSilence = (timers: Timers, ms: number, onSilent: () => void): Silence => {
  let heardAt = timers.now();
  let isHeld = false;
  let cancel: (() => void) | null = null;

  const set = (inMs: number): void => {
    cancel = timers.later(inMs, () => {
      cancel = null;
      if (isHeld) return;
      const restMs = ms - (timers.now() - heardAt);
      if (restMs > 0) set(restMs);
      else onSilent();
    });
  };
  set(ms);

  return {
    heard() {
      heardAt = timers.now();
    },
    hold() {
      isHeld = true;
    },
    goOn() {
      isHeld = false;
      heardAt = timers.now();
      if (!cancel) set(ms);
    },
    stop() {
      // A timer that runs out at this moment must not call `onSilent`.
      isHeld = true;
      cancel?.();
    },
  };
};

/** The deadlines of one request: to connect, to send, for the head of the answer and between its pieces. */
export interface CallDeadlines {
  connected(): void;
  sent(): void;
  answered(): void;
  /** A piece was sent or received. */
  moved(): void;
  /** The client has sent nothing more to send on, until `hasPiece`: a pause in the sending is not the server's doing. */
  waitsForPiece(): void;
  hasPiece(): void;
  /** The client does not read: the server's silence does not count, until `goOn`. */
  hold(): void;
  goOn(): void;
  stop(): void;
}

interface DeadlineOptions {
  readonly backend: string;
  readonly timeouts: HttpBackendSettings['timeouts'];
  readonly timers: Timers;
  readonly onLate: (error: GatewayError) => void;
}

/** Begins with the wait for a connection. */
export const startDeadlines = (options: DeadlineOptions): CallDeadlines => {
  const { backend, timeouts, timers, onLate } = options;
  const { connectMs, firstByteMs, idleMs } = timeouts;
  let silence: Silence | null = null;
  let stage: 'connecting' | 'sending' | 'sent' | 'answered' = 'connecting';
  let cancel = timers.later(connectMs, () => onLate(connectTimeout(backend, connectMs)));

  const watch = (): void => {
    silence = watchSilence(timers, idleMs, () => onLate(idleTimeout(backend, idleMs)));
  };

  return {
    connected() {
      stage = 'sending';
      cancel();
      watch();
    },
    sent() {
      if (stage === 'answered') return;
      stage = 'sent';
      silence?.stop();
      cancel = timers.later(firstByteMs, () => onLate(firstByteTimeout(backend, firstByteMs)));
    },
    answered() {
      stage = 'answered';
      cancel();
      silence?.stop();
      watch();
    },
    moved: () => silence?.heard(),
    waitsForPiece() {
      if (stage === 'sending') silence?.hold();
    },
    hasPiece() {
      if (stage === 'sending') silence?.goOn();
    },
    hold: () => silence?.hold(),
    goOn: () => silence?.goOn(),
    stop() {
      stage = 'answered';
      cancel();
      silence?.stop();
    },
  };
};
