import { z } from 'zod';
import type { CallContext } from '../../../gateway/ports.ts';
import type { Model } from '../../../gateway/turn.ts';
import type { RpcConnection } from '../rpc/connection.ts';
import { readResult } from '../rpc/result.ts';

const list = z.looseObject({
  data: z.array(z.looseObject({ id: z.string(), model: z.string().optional() })),
  nextCursor: z.string().nullish(),
});
const configuration = z.looseObject({ config: z.looseObject({ model: z.string().nullish() }) });

const MAX_PAGES = 20;

/** Learns of each call when it is made; its answer is there once the promise resolves, also when nobody waits any more. */
type Asked = (method: string, answered: Promise<void>) => void;

/** `model/list` leaves out the model that the configuration names, so the two are put together, that one first. */
export const listModels = async (
  rpc: RpcConnection,
  context: CallContext | null,
  asked: Asked = () => undefined,
): Promise<Model[]> => {
  const call = <Result>(schema: z.ZodType<Result>, method: string, params: object): Promise<Result> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    asked(method, promise);
    const read = (result: unknown): Result => readResult(schema, method, result);
    return rpc.callRpc(context, method, params, read, resolve);
  };
  const configured = (await call(configuration, 'config/read', {})).config.model;
  const ids = new Set(configured ? [configured] : []);
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const result: z.infer<typeof list> = await call(list, 'model/list', cursor ? { cursor } : {});
    for (const { id, model } of result.data) ids.add(model ?? id);
    cursor = result.nextCursor ?? null;
    if (!cursor) break;
  }
  return [...ids].map((id) => ({ id }));
};
