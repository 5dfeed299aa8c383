import type { AdmissionLimits } from '../../../src/http/admission/admission.ts';
import { createLeasedAdmission, type LeasedAdmission } from '../../../src/http/admission/leased-admission.ts';
import { createSharedPlaces, type PlaceHolder } from '../../../src/http/admission/shared-places.ts';
import { clientLeft } from '../../support/fake-exchange.ts';
import { createFakeTimers } from '../../support/fake-timers.ts';

const LIMITS: AdmissionLimits = {
  maxConcurrency: 4,
  maxStreams: 4,
  maxPerKey: null,
  queueMax: 4,
  queueWaitMs: 2_000,
};

type State = 'waiting' | 'running' | 'refused' | 'over';
type Asked = {
  state: State;
  code: string | null;
  stream: boolean;
  key: string | null;
  release(): void;
  leave(): void;
};

/** Runs everything that waits for nothing but promises. */
export const settleAll = async (): Promise<void> => {
  for (let turn = 0; turn < 12; turn++) await Promise.resolve();
};

/** One that has the places, and processes on channels that deliver when the test says so. */
export const openShared = (limits: Partial<AdmissionLimits> = {}) => {
  const timers = createFakeTimers();
  const places = createSharedPlaces({ limits: { ...LIMITS, ...limits }, timers });
  let messages = 0;

  const start = () => {
    const channel: (() => void)[][] = [[], []];
    const post = (way: 0 | 1, deliver: () => void): void => {
      messages++;
      channel[way]?.push(deliver);
    };
    const admission: LeasedAdmission = createLeasedAdmission((wish) => post(0, () => holder.receive(wish)));
    const holder: PlaceHolder = places.join((answer) => post(1, () => admission.receive(answer)));
    const all: Asked[] = [];
    return {
      admission,
      all,
      channel,
      ask(stream = false, key: string | null = null): Asked {
        const controller = new AbortController();
        const one: Asked = {
          ...{ state: 'waiting', code: null, stream, key },
          release: () => undefined,
          leave: () => controller.abort(clientLeft()),
        };
        all.push(one);
        admission.admit({ key, stream, signal: controller.signal }).then(
          (release) => {
            one.state = 'running';
            one.release = () => {
              one.state = 'over';
              release();
            };
          },
          (error) => Object.assign(one, { state: 'refused', code: error.code }),
        );
        return one;
      },
      end() {
        holder.leave();
        channel[0] = [];
        channel[1] = [];
        for (const one of all) one.state = 'over';
      },
    };
  };
  type Process = ReturnType<typeof start>;

  const deliverAll = async (...processes: Process[]): Promise<void> => {
    await settleAll();
    for (let left = true; left; ) {
      left = false;
      for (const way of processes.flatMap(({ channel }) => channel))
        for (let deliver = way.shift(); deliver; deliver = way.shift()) {
          left = true;
          deliver();
        }
      await settleAll();
    }
  };
  return {
    timers,
    start,
    deliverAll,
    get messages() {
      return messages;
    },
  };
};
