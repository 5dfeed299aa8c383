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

/** A turn may end after its request: what became of it is read once all is over. */
const addTurns = async (
  gateway: GatewayProcess,
  end: GatewayEnd,
  works: ReadonlyMap<string, Promise<Told>>,
  seen: SeenRows,
): Promise<void> => {
  const lines = await gateway.mirror();
  if (!(await backendsGone(lines))) throw new Error('a backend has outlived its gateway');
  for (const [name, work] of works) {
    seen.get(name)?.resolve(work.then((told) => ({ ...told, turn: turnEndOf(lines, told.reqId, end) })));
  }
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
    const left = await remainsOf(gateway, profile);
    const end = !profile.ends ? 'later' : left.code === 0 ? 'in order' : 'at once';
    await addTurns(gateway, end, works, seen);
    remains.resolve(left);
  } catch (thrown) {
    for (const row of seen.values()) row.reject(thrown);
    remains.reject(thrown);
  } finally {
    await gateway?.remove();
    await profile.close?.();
  }
};
