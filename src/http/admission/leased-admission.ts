import { GatewayError } from '../../errors.ts';
import type { Admission, Wish } from './admission.ts';
import type { PlaceAnswer, PlaceKind, PlaceWish } from './lease.ts';
import { createOccupied } from './occupied.ts';
import { shuttingDown } from './refusals.ts';

/** The admission of one process of several, which share the places. */
export interface LeasedAdmission extends Admission {
  /** Takes what the one that has the places says. */
  receive(answer: PlaceAnswer): void;
}

interface Asked {
  grant(): void;
  refuse(error: GatewayError): void;
}

/** Places that were given back by a request, and may be used by the next one of their kind. */
const createIdlePlaces = () => {
  const counts = new Map<string, { readonly kind: PlaceKind; count: number }>();
  const nameOf = ({ key, stream }: PlaceKind): string =>
    `${stream ? 's' : 'r'}${key === null ? '' : `:${key}`}`;
  return {
    put(kind: PlaceKind): void {
      const name = nameOf(kind);
      const idle = counts.get(name);
      if (idle) idle.count++;
      else counts.set(name, { kind, count: 1 });
    },
    take(kind: PlaceKind): boolean {
      const idle = counts.get(nameOf(kind));
      if (!idle || idle.count === 0) return false;
      idle.count--;
      return true;
    },
    takeAll(): { readonly kind: PlaceKind; readonly count: number }[] {
      const all = [...counts.values()].filter(({ count }) => count > 0);
      counts.clear();
      return all;
    },
  };
};

/** The requests that wait for what the one that has the places says. */
const createAsks = (send: (wish: PlaceWish) => void) => {
  const asked = new Map<number, Asked>();
  let lastId = 0;
  return {
    asked,
    /** Resolves when a place is granted. */
    ask: ({ key, stream, signal }: Wish): Promise<void> =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        const end = (): void => {
          asked.delete(id);
          signal.removeEventListener('abort', onAbort);
        };
        const refuse = (error: GatewayError): void => {
          end();
          reject(error);
        };
        const onAbort = (): void => {
          send({ type: 'cancel', id });
          refuse(signal.reason as GatewayError);
        };
        const grant = (): void => {
          end();
          resolve();
        };
        asked.set(id, { grant, refuse });
        signal.addEventListener('abort', onAbort, { once: true });
        send({ type: 'ask', id, kind: { key, stream } });
      }),
  };
};

/**
 * Admits with places that are leased. A place stays here when its request is over, so that the next request of its kind asks
 * nobody; it is given back when another process has none.
 */
export const createLeasedAdmission = (send: (wish: PlaceWish) => void): LeasedAdmission => {
  const idle = createIdlePlaces();
  const { asked, ask } = createAsks(send);
  const occupied = createOccupied();
  let isScarce = false;
  let closed = false;

  const giveBack = (kind: PlaceKind): void => {
    if (isScarce) send({ type: 'return', kind, count: 1 });
    else idle.put(kind);
  };

  return {
    async admit(wish) {
      wish.signal.throwIfAborted();
      if (closed) throw shuttingDown();
      const kind = { key: wish.key, stream: wish.stream };
      if (!idle.take(kind)) await ask(wish);
      return occupied.occupy(kind.stream, () => giveBack(kind));
    },
    close() {
      closed = true;
      for (const [id, { refuse }] of asked) {
        send({ type: 'cancel', id });
        refuse(shuttingDown());
      }
    },
    get state() {
      const { running, streams } = occupied;
      return { running, streams, waiting: asked.size };
    },
    receive(answer) {
      switch (answer.type) {
        case 'grant': {
          const one = asked.get(answer.id);
          // Its request has left in the meantime.
          return one ? one.grant() : giveBack(answer.kind);
        }
        case 'refuse': {
          const { code, message, headers } = answer.refusal;
          return asked.get(answer.id)?.refuse(new GatewayError(code, message, { headers }));
        }
        case 'scarce':
          isScarce = true;
          for (const { kind, count } of idle.takeAll()) send({ type: 'return', kind, count });
          return send({ type: 'returned', round: answer.round });
        case 'plenty':
          isScarce = false;
      }
    },
  };
};
