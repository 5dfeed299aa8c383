import { seenOutcome } from '../../support/load/outcome.ts';
import { complaintsAbout, losses, openSpans, strangers } from './checks.ts';
import { CALM_REQUESTS, type ChaosRun, runChaos } from './run.ts';
import { FAULTS } from './schedule.ts';

const REQUESTS = Number(process.env['CHAOS_REQUESTS'] ?? 600);
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_121);
const MIB = 2 ** 20;

describe(`${REQUESTS} requests, 32 at once, while everything around them breaks (CHAOS_SEED=${SEED})`, () => {
  let run: ChaosRun;
  beforeAll(async () => {
    run = await runChaos(SEED, REQUESTS);
  }, 300_000);

  it('do what was meant: every fault came, and the requests ended in many ways', () => {
    expect(new Set(run.done)).toEqual(new Set(FAULTS));
    const outcomes = new Set(run.evidence.usage.map(({ outcome }) => outcome));
    for (const outcome of [
      'completed',
      'invalid_request',
      'not_found',
      'client_disconnect',
      'timeout',
      'backend_error',
      'backend_exit',
    ])
      expect(outcomes).toContain(outcome);
  });

  it('have one outcome each: one record, one access line, one summary, the same word, and what the client saw', () => {
    expect(run.evidence.seen).toHaveLength(REQUESTS + CALM_REQUESTS.before + CALM_REQUESTS.after);
    expect(complaintsAbout(run.evidence)).toEqual([]);
    expect(strangers(run.evidence)).toEqual([]);
  });

  it('never end as a fault of the gateway', () => {
    const faults = run.evidence.usage.filter(({ outcome }) => outcome === 'gateway_error');
    expect({ seed: SEED, faults }).toEqual({ seed: SEED, faults: [] });
  });

  it('lose as many lines of the mirror as it says, and none twice', () => {
    const { missing, told, logged } = losses(run.evidence);
    expect({ seed: SEED, told, logged }).toEqual({ seed: SEED, told: missing, logged: missing });
    expect(run.evidence.mirror.repeated).toBe(0);
    expect(run.evidence.mirror.torn).toBeLessThanOrEqual(1);
  });

  it('leave no span open', () => {
    const { mirror } = run.evidence;
    expect({ seed: SEED, open: openSpans(run.evidence) }).toEqual({ seed: SEED, open: [] });
    expect(mirror.open.length).toBeLessThanOrEqual(mirror.missing.length);
  });

  it('leave no place taken, no turn, no process and no descriptor', () => {
    const { before, after } = run;
    expect(after.health).toMatchObject({
      status: 'ok',
      open_requests: 0,
      admission: { running: 0, streams: 0, waiting: 0 },
      backend: { workers: Array(3).fill({ state: 'ready', active_turns: 0 }) },
    });
    expect(after.children).toHaveLength(before.children.length);
    expect(after.held.descriptors).toBeLessThanOrEqual(before.held.descriptors + 8);
  });

  it('leave no timer, no socket, no listener and no memory', () => {
    const [before, after] = [run.before.held, run.after.held];
    for (const [name, count] of Object.entries(after.resources)) {
      const kept = { seed: SEED, name, count };
      expect(kept).toEqual({ ...kept, count: Math.min(count, (before.resources[name] ?? 0) + 8) });
    }
    expect(after.warnings).toBe(0);
    const grown = Math.round((after.after.heapUsed - before.after.heapUsed) / MIB);
    expect(grown).toBeLessThan(32);
  });

  it('leave a gateway that serves, and ends in order with all that it started', () => {
    // On a machine that has no time for it a worker may still seem to stall.
    const served = run.again.filter((one) => seenOutcome(one) === 'completed').length;
    expect(served).toBeGreaterThan(CALM_REQUESTS.after * 0.8);
    expect(run.exit).toEqual({ code: 0, signal: null });
    expect(run.left).toEqual([]);
  });
});
