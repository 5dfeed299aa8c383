import type { GatewayError } from '../../../errors.ts';
import type { HttpBackendSettings } from '../../../gateway/http-backend-settings.ts';
import type { Timers } from '../../../later.ts';
import { connectTimeout, firstByteTimeout, idleTimeout } from './call-errors.ts';
import { type Silence, watchSilence } from './silence.ts';

/** Times of one request on its way: a connection, the sending, the head of the answer, each piece of it. */
export interface CallDeadlines {
  connected(): void;
  sent(): void;
  answered(): void;
  /** A piece was sent, or has come. */
  moved(): void;
  /** The client does not read: the server's silence does not count, until `goOn`. */
  hold(): void;
  goOn(): void;
  stop(): void;
}

interface DeadlineOptions {
  readonly backend: string;
  readonly timeouts: HttpBackendSettings['timeouts'];
  readonly timers: Timers;
  /** Whether a pause in the sending is the server's doing: a stream waits for its client as well. */
  readonly watchesSending: boolean;
  readonly onLate: (error: GatewayError) => void;
}

/** Begins with the wait for a connection. */
export const startDeadlines = (options: DeadlineOptions): CallDeadlines => {
  const { backend, timeouts, timers, onLate } = options;
  const { connectMs, firstByteMs, idleMs } = timeouts;
  let silence: Silence | null = null;
  let isAnswered = false;
  let cancel = timers.later(connectMs, () => onLate(connectTimeout(backend, connectMs)));

  const watch = (): void => {
    silence = watchSilence(timers, idleMs, () => onLate(idleTimeout(backend, idleMs)));
  };

  return {
    connected() {
      cancel();
      if (options.watchesSending) watch();
    },
    sent() {
      if (isAnswered) return;
      silence?.stop();
      cancel = timers.later(firstByteMs, () => onLate(firstByteTimeout(backend, firstByteMs)));
    },
    answered() {
      isAnswered = true;
      cancel();
      silence?.stop();
      watch();
    },
    moved: () => silence?.heard(),
    hold: () => silence?.hold(),
    goOn: () => silence?.goOn(),
    stop() {
      cancel();
      silence?.stop();
    },
  };
};
