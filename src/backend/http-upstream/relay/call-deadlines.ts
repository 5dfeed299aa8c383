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
