import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { contradictions } from './contradictions.ts';
import { exitOf } from './observe.ts';
import { collect, type Records, recordsOf } from './records.ts';
import { type Remains, remainsOf } from './remains.ts';
import type { Exit, Profile, Row } from './row.ts';

/** What was seen of a row: how it ended, and where its records disagree. */
export interface Seen {
  readonly exit: Exit;
  readonly contradictions: readonly string[];
}

export const reqIdOf = ({ name }: Row): string => name.replaceAll(/\W+/g, '-').replace(/-$/, '');

const isUntold = ({ expected }: Row): boolean => expected.outcome === null;

const see = async (gateway: GatewayProcess, row: Row): Promise<Seen> => {
  const reqId = reqIdOf(row);
  const response = await row.run({ gateway, reqId });
  // What Node's parser refuses has no headers, so the gateway makes an id up.
  const told = (await row.findReqId?.(gateway)) ?? response.headers['x-request-id'] ?? reqId;
  if (isUntold(row)) {
    const records = collect(told, await gateway.mirror(), await gateway.usage(), gateway.log);
    return { exit: exitOf(response, records), contradictions: saidAfterwards(records) };
  }
  const records = await recordsOf(gateway, told);
  return { exit: exitOf(response, records), contradictions: contradictions(told, response, records) };
};

/** A gateway that ended under a request cannot have said how the request ended. */
const saidAfterwards = ({ access, usage }: Records): string[] =>
  access.length + usage.length > 0 ? ['the request has records, although its gateway was gone'] : [];

/** Rows that need the gateway for themselves come after those that do not. */
const runRows = async (gateway: GatewayProcess, { rows }: Profile, seen: SeenRows): Promise<void> => {
  const settle = async (row: Row): Promise<void> => {
    const work = see(gateway, row);
    seen.get(row.name)?.resolve(work);
    await work.catch(() => undefined);
  };
  await Promise.all(rows.filter(({ alone }) => !alone).map(settle));
  for (const row of rows.filter(({ alone }) => alone)) await settle(row);
};

type SeenRows = ReadonlyMap<string, PromiseWithResolvers<Seen>>;

/** Starts a profile's gateway and makes its rows happen; never rejects, since each row says what became of it. */
export const produce = async (
  profile: Profile,
  seen: SeenRows,
  remains: PromiseWithResolvers<Remains>,
): Promise<void> => {
  let gateway: GatewayProcess | undefined;
  try {
    gateway = await startGateway(await profile.open());
    await runRows(gateway, profile, seen);
    remains.resolve(await remainsOf(gateway, profile));
  } catch (thrown) {
    for (const row of seen.values()) row.reject(thrown);
    remains.reject(thrown);
  } finally {
    await gateway?.remove();
    await profile.close?.();
  }
};
