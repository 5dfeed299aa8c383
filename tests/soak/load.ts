import { setTimeout as pause } from 'node:timers/promises';
import { runClient, type Seen } from '../support/load/client.ts';
import { seenOutcome } from '../support/load/outcome.ts';
import { type Mix, planClients } from '../support/load/plan.ts';

/** In a thousand and a little: what comes in a day, and some of what should not. */
const MIX: Mix = {
  plain: 400,
  long: 250,
  thinking: 60,
  command: 80,
  asked: 40,
  messages: 40,
  clientTool: 60,
  retried: 20,
  failing: 20,
  garbage: 5,
  stalled: 8,
  silent: 4,
  deaf: 1,
  crash: 1,
  noModel: 15,
  broken: 15,
  leaving: 80,
  slow: 100,
};

const MAX_OPEN = 128;
const BLOCK = 1_000;

/** Requests at a steady rate, whatever becomes of them. */
export type Load = {
  /** How many ended, by what their clients saw. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly sent: number;
  readonly problems: readonly string[];
  /** Sends until the time is over, and resolves when the last one has ended. */
  run(untilMs: number): Promise<void>;
};

/** The clients of one seed, without end. */
function* clients(seed: number) {
  for (let block = 0; ; block++) yield* planClients(seed + block, BLOCK, MIX, `soak-${block}`);
}

export const createLoad = (url: string, seed: number, rate: number): Load => {
  const outcomes = new Map<string, number>();
  const problems: string[] = [];
  const open = new Set<Promise<void>>();
  let sent = 0;

  const note = (seen: Seen): void => {
    const word = seen.problem === null ? (seenOutcome(seen) ?? 'left early') : 'broken off';
    outcomes.set(word, (outcomes.get(word) ?? 0) + 1);
    if (seen.problem !== null && problems.length < 20) problems.push(`${seen.plan.reqId}: ${seen.problem}`);
  };

  return {
    outcomes,
    problems,
    get sent() {
      return sent;
    },
    async run(untilMs) {
      const begunAt = performance.now();
      for (const plan of clients(seed)) {
        await pause(Math.max(0, begunAt + (sent * 1000) / rate - performance.now()));
        while (open.size >= MAX_OPEN) {
          await Promise.race(open);
        }
        if (performance.now() > untilMs) break;
        sent++;
        const running = runClient(url, plan)
          .then(note)
          .finally(() => open.delete(running));
        open.add(running);
      }
      await Promise.all(open);
    },
  };
};
