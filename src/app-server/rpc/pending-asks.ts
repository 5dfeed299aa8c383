import type { RpcRequestId } from '../../app-server-protocol/index.ts';
import type { ClientAnswer } from './envelope.ts';

class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed';
}

export interface PendingAsks {
  /** Takes the next id, which count from 0 in a space of their own, and waits for its answer. */
  readonly open: (send: (id: RpcRequestId) => void, signal: AbortSignal) => Promise<ClientAnswer>;
  /** False for an id that nobody was ever asked by; an answer that comes too late is none to wonder about. */
  readonly settle: (id: RpcRequestId, answer: ClientAnswer) => boolean;
  readonly closeAll: () => void;
}

/** The server's own requests that wait for the client: at most one for each tool call of each active turn. */
export const createPendingAsks = (): PendingAsks => {
  const waiting = new Map<
    RpcRequestId,
    { answer: (answer: ClientAnswer) => void; fail: (cause: unknown) => void }
  >();
  let next = 0;
  return {
    open: (send, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const id = next;
        next += 1;
        const onAbort = () => entry.fail(signal.reason);
        const done = () => {
          waiting.delete(id);
          signal.removeEventListener('abort', onAbort);
        };
        const entry = {
          answer(answer: ClientAnswer) {
            done();
            resolve(answer);
          },
          fail(cause: unknown) {
            done();
            reject(cause);
          },
        };
        signal.addEventListener('abort', onAbort);
        waiting.set(id, entry);
        send(id);
      }),
    settle(id, answer) {
      const entry = waiting.get(id);
      entry?.answer(answer);
      return Number.isInteger(id) && Number(id) >= 0 && Number(id) < next;
    },
    closeAll() {
      for (const entry of [...waiting.values()]) entry.fail(new ConnectionClosed('the client has gone'));
    },
  };
};
