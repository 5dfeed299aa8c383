import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { contradictions } from './contradictions.ts';
import { exitOf } from './observe.ts';
import { collect, type Records, recordsOf } from './records.ts';
import { type Remains, remainsOf } from './remains.ts';
import type { Exit, Profile, Row } from './row.ts';
import { backendsGone, type GatewayEnd, type TurnEnd, turnEndOf } from './turn.ts';
import { untilIdle } from './when.ts';

/** What a row's client and records say: how the request ended, and where they disagree. */
interface Told {
  readonly reqId: string;
  readonly exit: Exit;
  readonly contradictions: readonly string[];
}

/** What was seen of a row. */
export interface Seen extends Told {
  readonly turn: TurnEnd;
}

export const reqIdOf = ({ name }: Row): string => name.replaceAll(/\W+/g, '-').replace(/-$/, '');

const isUntold = ({ expected }: Row): boolean => expected.outcome === null;

const see = async (gateway: GatewayProcess, row: Row): Promise<Told> => {
  const reqId = reqIdOf(row);
  const response = await row.run({ gateway, reqId });
  // What Node's parser refuses has no headers, so the gateway makes an id up.
  const told = (await row.findReqId?.(gateway)) ?? response.headers['x-request-id'] ?? reqId;
  if (isUntold(row)) {
    const records = collect(told, await gateway.mirror(), await gateway.usage(), gateway.log);
    return { reqId: told, exit: exitOf(response, records), contradictions: saidAfterwards(records) };
  }
  const records = await recordsOf(gateway, told);
  return {
    reqId: told,
    exit: exitOf(response, records),
    contradictions: contradictions(told, response, records),
  };
};

/** A gateway that ended under a request cannot have said how the request ended. */
const saidAfterwards = ({ access, usage }: Records): string[] =>
  access.length + usage.length > 0 ? ['the request has records, although its gateway was gone'] : [];

/** Rows that need the gateway for themselves come after those that do not. */
const runRows = async (gateway: GatewayProcess, { rows }: Profile): Promise<Map<string, Promise<Told>>> => {
  const works = new Map<string, Promise<Told>>();
  const settle = async (row: Row): Promise<void> => {
    const work = see(gateway, row);
    works.set(row.name, work);
    await work.catch(() => undefined);
  };
  await Promise.all(rows.filter(({ alone }) => !alone).map(settle));
  for (const row of rows.filter(({ alone }) => alone)) {
    // Turns of requests that have ended may still be stopped.
    await untilIdle(gateway);
    await settle(row);
  }
  return works;
};

type SeenRows = ReadonlyMap<string, PromiseWithResolvers<Seen>>;

/** What a server saw of the rows, by their names. */
type ServedTurns = ReadonlyMap<string, TurnEnd>;

const servedEnd = (seen: TurnEnd, gateway: GatewayEnd): TurnEnd =>
  gateway === 'at once' && seen === 'interrupted' ? 'died with the gateway' : seen;

/** A turn may end after its request: what became of it is read once all is over. */
const addTurns = async (
  gateway: GatewayProcess,
  end: GatewayEnd,
  works: ReadonlyMap<string, Promise<Told>>,
  seen: SeenRows,
  served: ServedTurns | null,
): Promise<void> => {
  const lines = await gateway.mirror();
  if (!(await backendsGone(lines))) throw new Error('a backend has outlived its gateway');
  const turnOf = (name: string, reqId: string): TurnEnd =>
    served ? servedEnd(served.get(name) ?? 'none', end) : turnEndOf(lines, reqId, end);
  for (const [name, work] of works) {
    seen.get(name)?.resolve(work.then((told) => ({ ...told, turn: turnOf(name, told.reqId) })));
  }
};

/** A gateway that ends closes all its connections: what is still open on a server is looked for before that. */
const servedTurns = async (
  { turnEnd }: Profile,
  works: ReadonlyMap<string, Promise<Told>>,
): Promise<ServedTurns | null> => {
  if (!turnEnd) return null;
  const ends = [...works].map(async ([name, work]): Promise<readonly [string, TurnEnd]> => {
    const told = await work.catch(() => null);
    return [name, told ? await turnEnd(told.reqId) : 'none'];
  });
  return new Map(await Promise.all(ends));
};

/** Starts a profile's gateway and makes its rows happen; never rejects, since each row says what became of it. */
export const produce = async (
  profile: Profile,
  seen: SeenRows,
  remains: PromiseWithResolvers<Remains>,
): Promise<void> => {
  let gateway: GatewayProcess | undefined;
  try {
    gateway = await startGateway(await profile.open());
    const works = await runRows(gateway, profile);
    const served = await servedTurns(profile, works);
    const left = await remainsOf(gateway, profile);
    const end = !profile.ends ? 'later' : left.code === 0 ? 'in order' : 'at once';
    await addTurns(gateway, end, works, seen, served);
    remains.resolve(left);
  } catch (thrown) {
    for (const row of seen.values()) row.reject(thrown);
    remains.reject(thrown);
  } finally {
    await gateway?.remove();
    await profile.close?.();
  }
};
