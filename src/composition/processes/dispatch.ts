import type { Socket } from 'node:net';

/** Takes a connection; false when the process cannot be told any more. */
export type HandOver = (socket: Socket) => boolean;

/** Gives each new connection to one process, in turn. */
export interface ConnectionDispatch {
  accept(socket: Socket): void;
  /** Begins to give connections to a process. */
  join(handOver: HandOver): Served;
  /** Cuts what waits. */
  close(): void;
}

/** The connections of one process that it has not answered for yet: what it has not taken, it has not read from either. */
export interface Served {
  taken(): void;
  /** It serves no more: what it has not taken goes to another one. */
  leave(): void;
}

/** How many connections may wait while no process is there to take them. */
const MAX_WAITING = 1_024;

/** A process that takes connections. */
interface Taker {
  readonly handOver: HandOver;
  unanswered: Socket[];
}

export const dispatchConnections = (): ConnectionDispatch => {
  let takers: Taker[] = [];
  let waiting: Socket[] = [];
  let turn = 0;
  let closed = false;

  const accept = (socket: Socket): void => {
    if (closed) return void socket.destroy();
    const taker = takers[turn++ % takers.length];
    if (!taker) {
      if (waiting.length < MAX_WAITING) waiting.push(socket);
      else socket.destroy();
      return;
    }
    taker.unanswered.push(socket);
    if (!taker.handOver(socket)) leave(taker);
  };

  const leave = (taker: Taker): void => {
    takers = takers.filter((other) => other !== taker);
    const left = taker.unanswered;
    taker.unanswered = [];
    for (const socket of left) accept(socket);
  };

  return {
    accept(socket) {
      // A client that leaves while it waits.
      socket.on('error', () => socket.destroy());
      accept(socket);
    },
    join(handOver) {
      const taker: Taker = { handOver, unanswered: [] };
      takers.push(taker);
      const waited = waiting;
      waiting = [];
      for (const socket of waited) accept(socket);
      return {
        // The process has a descriptor of its own: this ends ours, not the connection.
        taken: () => void taker.unanswered.shift()?.destroy(),
        leave: () => leave(taker),
      };
    },
    close() {
      closed = true;
      for (const socket of waiting) socket.destroy();
      waiting = [];
    },
  };
};
