import { toGatewayError } from '../../errors.ts';
import type { Timers } from '../../later.ts';
import { type AdmissionLimits, createAdmission, type OwnAdmission, type Release } from './admission.ts';
import type { PlaceAnswer, PlaceKind, PlaceWish, Refusal } from './lease.ts';

/** The places that several processes share. */
export interface SharedPlaces {
  /** @param send - takes what the process is told */
  join(send: (answer: PlaceAnswer) => void): PlaceHolder;
}

/** One process, as the one that has the places sees it. */
export interface PlaceHolder {
  receive(wish: PlaceWish): void;
  /** The process is gone: gives back all that it had. Twice is harmless. */
  leave(): void;
}

interface Holder {
  readonly send: (answer: PlaceAnswer) => void;
  /** What it has, used or idle, by kind. */
  readonly held: Map<string, Release[]>;
  /** What waits in line for it. */
  readonly asked: Map<number, AbortController>;
}

interface Ask {
  readonly holder: Holder;
  readonly id: number;
  readonly kind: PlaceKind;
}

interface SharedPlacesDeps {
  readonly limits: AdmissionLimits;
  readonly timers: Timers;
}

/** How long a process may take to give back what is idle: one that hangs must not keep the others waiting. */
const RECALL_MS = 250;
/** How long nobody must have been short of a place before processes may keep idle ones again. */
const PLENTY_MS = 1_000;

const nameOf = ({ key, stream }: PlaceKind): string => JSON.stringify([key, stream]);

const refusalOf = (thrown: unknown): Refusal => {
  const { code, message, headers } = toGatewayError(thrown);
  return { code, message, headers };
};

/** Puts an ask before the one `Admission`, and tells its process what came of it. */
const createEnter =
  (admission: OwnAdmission) =>
  async ({ holder, id, kind }: Ask): Promise<void> => {
    const controller = new AbortController();
    holder.asked.set(id, controller);
    try {
      const release = await admission.admit({ ...kind, signal: controller.signal });
      // Cancelled, or its process has ended, in the same moment.
      if (!holder.asked.delete(id)) return release();
      const name = nameOf(kind);
      const held = holder.held.get(name);
      if (held) held.push(release);
      else holder.held.set(name, [release]);
      holder.send({ type: 'grant', id, kind });
    } catch (thrown) {
      if (holder.asked.delete(id)) holder.send({ type: 'refuse', id, refusal: refusalOf(thrown) });
    }
  };

/** Calls back what is idle, before anybody waits or is refused. */
const createRecall = (admission: OwnAdmission, timers: Timers) => {
  const holders = new Set<Holder>();
  const enter = createEnter(admission);
  /** Those that have not answered the newest call yet; null where nothing is being called back. */
  let unanswered: Set<Holder> | null = null;
  let isScarce = false;
  let round = 0;
  let shortAt = 0;
  let heldUp: Ask[] = [];

  const watchForPlenty = (): void => {
    timers.later(PLENTY_MS, () => {
      if (admission.state.waiting > 0 || timers.now() - shortAt < PLENTY_MS) return watchForPlenty();
      isScarce = false;
      for (const { send } of holders) send({ type: 'plenty' });
    });
  };

  const decide = (ask: Ask): void => {
    if (!admission.hasRoom(ask.kind)) shortAt = timers.now();
    void enter(ask);
  };

  const endRound = (): void => {
    if (unanswered === null) return;
    unanswered = null;
    const asks = heldUp;
    heldUp = [];
    for (const ask of asks) decide(ask);
    watchForPlenty();
  };

  const begin = (): void => {
    isScarce = true;
    unanswered = new Set(holders);
    const own = ++round;
    timers.later(RECALL_MS, () => own === round && endRound());
    for (const { send } of holders) send({ type: 'scarce', round });
  };

  const answered = (holder: Holder): void => {
    if (unanswered?.delete(holder) && unanswered.size === 0) endRound();
  };

  return {
    ask(ask: Ask): void {
      const isHeldUp = unanswered !== null || (!isScarce && !admission.hasRoom(ask.kind));
      if (!isHeldUp) return decide(ask);
      heldUp.push(ask);
      if (unanswered === null) begin();
    },
    /** Takes back what it holds up. */
    drop(isDropped: (ask: Ask) => boolean): void {
      heldUp = heldUp.filter((ask) => !isDropped(ask));
    },
    answered(holder: Holder, toRound: number): void {
      if (toRound === round) answered(holder);
    },
    join(holder: Holder): void {
      holders.add(holder);
      // Without a call: it has nothing yet.
      if (isScarce) holder.send({ type: 'scarce', round: -1 });
    },
    leave(holder: Holder): boolean {
      if (!holders.delete(holder)) return false;
      answered(holder);
      return true;
    },
  };
};

/** Counts places with the one `Admission`, and calls back what is idle elsewhere before anybody has to wait or is refused. */
export const createSharedPlaces = ({ limits, timers }: SharedPlacesDeps): SharedPlaces => {
  const admission = createAdmission({ limits, later: timers.later });
  const recall = createRecall(admission, timers);

  const receive = (holder: Holder, wish: PlaceWish): void => {
    switch (wish.type) {
      case 'ask':
        return recall.ask({ holder, id: wish.id, kind: wish.kind });
      case 'cancel':
        recall.drop((one) => one.holder === holder && one.id === wish.id);
        holder.asked.get(wish.id)?.abort(new Error('nobody waits for the place'));
        return void holder.asked.delete(wish.id);
      case 'return': {
        const releases = holder.held.get(nameOf(wish.kind)) ?? [];
        for (const release of releases.splice(0, wish.count)) release();
        return;
      }
      case 'returned':
        return recall.answered(holder, wish.round);
    }
  };

  return {
    join(send) {
      const holder: Holder = { send, held: new Map(), asked: new Map() };
      recall.join(holder);
      return {
        receive: (wish) => receive(holder, wish),
        leave() {
          recall.drop((one) => one.holder === holder);
          if (!recall.leave(holder)) return;
          for (const [id, controller] of holder.asked) {
            holder.asked.delete(id);
            controller.abort(new Error('its process has ended'));
          }
          for (const release of [...holder.held.values()].flat()) release();
          holder.held.clear();
        },
      };
    },
  };
};
