import type { ServerRequest } from '../../app-server-protocol/events.ts';
import type { RpcRequestId } from '../../app-server-protocol/index.ts';
import type { ClientAnswer } from '../rpc/envelope.ts';
import type { AppServerTelemetry } from '../telemetry/index.ts';
import type { Items } from './items.ts';
import type { Thread } from './thread.ts';
import type { ActiveTurn } from './turn.ts';

/** What a tool of any kind has at hand. */
export interface ToolContext {
  readonly thread: Thread;
  readonly turn: ActiveTurn;
  readonly items: Items;
  readonly telemetry: Pick<AppServerTelemetry, 'work'>;
}
/** Asks the client who started the turn, and tells every subscriber when that has been answered. */
export const askClient = async (
  { thread, turn, items }: ToolContext,
  request: ServerRequest,
): Promise<ClientAnswer> => {
  let requestId: RpcRequestId = -1;
  const answer = await turn.client.ask(request, turn.stop.signal, (id) => {
    requestId = id;
  });
  await items.notify({ method: 'serverRequest/resolved', params: { threadId: thread.id, requestId } });
  return answer;
};
