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

/** `model/list` leaves out the model that the configuration names, so the two are put together, that one first. */
export const listModels = async (rpc: RpcConnection, context: CallContext | null): Promise<Model[]> => {
  const configured = (
    await rpc.callRpc(context, 'config/read', {}, (result) =>
      readResult(configuration, 'config/read', result),
    )
  ).config.model;
  const ids = new Set(configured ? [configured] : []);
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const result: z.infer<typeof list> = await rpc.callRpc(
      context,
      'model/list',
      cursor ? { cursor } : {},
      (answer) => readResult(list, 'model/list', answer),
    );
    for (const { id, model } of result.data) ids.add(model ?? id);
    cursor = result.nextCursor ?? null;
    if (!cursor) break;
  }
  return [...ids].map((id) => ({ id }));
};
