import type { Socket } from 'node:net';
import type { ToPrimary, ToProcess } from './messages.ts';

/** The channel of this process to the one that has started it. */
export interface Channel {
  /** Never throws: what cannot be told any more is told by the end of this process. */
  send(message: ToPrimary): void;
  onMessage(listener: (message: ToProcess, socket: Socket | undefined) => void): void;
  /** The primary has ended. */
  onEnd(listener: () => void): void;
  /** Sends the last message, and resolves when it is on its way. */
  sendLast(message: ToPrimary): Promise<void>;
}

/** A terminal signals the whole group, and so do service managers: what that means, the primary says. */
const LEFT_TO_PRIMARY = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export const openChannel = (): Channel => {
  for (const name of LEFT_TO_PRIMARY) process.on(name, () => undefined);
  const ignore = (): void => undefined;
  return {
    send(message) {
      if (process.connected) process.send?.(message, undefined, undefined, ignore);
    },
    onMessage: (listener) =>
      void process.on('message', (message, socket) =>
        listener(message as ToProcess, socket as Socket | undefined),
      ),
    onEnd: (listener) => void process.once('disconnect', listener),
    sendLast: (message) =>
      new Promise((resolve) => {
        if (!process.connected || !process.send) return resolve();
        process.send(message, undefined, undefined, () => resolve());
      }),
  };
};
