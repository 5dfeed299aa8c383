import { z } from 'zod';
import type {
  ContentItem,
  DynamicTool,
  ResponseItem,
  ThreadStartParams,
  TurnStartParams,
} from '../../app-server-protocol/index.ts';
import type { UserInput } from '../../app-server-protocol/items.ts';
import type { CallContext } from '../../gateway/ports.ts';
import type { Item, Part, Tool, Turn } from '../../gateway/turn.ts';
import type { Pace } from '../../pace.ts';
import { recordClientResults } from '../tool-blocks.ts';
import { refuseBySubject } from './refusals.ts';
import type { RpcConnection } from './rpc/connection.ts';
import { readResult } from './rpc/result.ts';
import { type ThreadConfigSettings, threadConfig } from './thread-config.ts';
import { toAppServerName } from './tool-names.ts';

const threadStarted = z.looseObject({
  thread: z.looseObject({ id: z.string() }),
  model: z.string().nullish(),
});
const turnStarted = z.looseObject({ turn: z.looseObject({ id: z.string() }) });

const toDynamicTool = ({ name, description, parameters }: Tool): DynamicTool => ({
  type: 'function',
  name: toAppServerName(name),
  description: description ?? '',
  inputSchema: parameters,
});

/** What the gateway tells the model beside the client's instructions: what Codex may do, and what the answer has to be. */
const developerInstructions = (settings: ThreadConfigSettings, { rules }: Turn) => {
  const told = [settings.developerInstructions, rules].filter((text) => text != null);
  return told.length > 0 ? { developerInstructions: told.join('\n\n') } : {};
};

/**
 * Opens a thread that nobody else sees and nothing keeps: the gateway's conversations live in its requests. `rules` say what its turn
 * may do. `open` and `answered` hear of the thread, and of any answer at all, also when nobody waits any more.
 */
export const startThread = <Opened>(
  rpc: RpcConnection,
  context: CallContext,
  turn: Turn,
  settings: ThreadConfigSettings,
  open: (threadId: string, model: string | null) => Opened,
  answered: () => void,
): Promise<Opened> => {
  const { config, modelCatalog, ...allowed } = settings;
  const params = {
    ephemeral: true,
    approvalPolicy: 'never',
    ...allowed,
    config: threadConfig(config, modelCatalog),
    model: turn.model,
    ...(turn.instructions !== null && { baseInstructions: turn.instructions }),
    ...developerInstructions(settings, turn),
    ...(turn.tools.length > 0 && {
      dynamicTools: turn.tools.map(toDynamicTool),
      // Says which calls a response of the model holds, and where the response ends.
      experimentalRawEvents: true,
    }),
  } satisfies ThreadStartParams;
  const read = (result: unknown): Opened => {
    const { thread, model } = readResult(threadStarted, 'thread/start', result);
    return open(thread.id, model ?? null);
  };
  return rpc.callRpc(context, 'thread/start', params, read, answered).catch(refuseBySubject);
};

const toContent =
  (textType: 'input_text' | 'output_text') =>
  (part: Part): ContentItem =>
    part.type === 'image'
      ? { type: 'input_image', image_url: part.url }
      : { type: textType, text: part.text };

/** Reasoning is left out: the app-server's model has no use for another's. */
const toItems = (item: Item): ResponseItem[] => {
  switch (item.type) {
    case 'message':
      return [
        {
          type: 'message',
          role: item.role === 'system' ? 'developer' : item.role,
          content: item.parts.map(toContent(item.role === 'assistant' ? 'output_text' : 'input_text')),
          ...(item.phase && { phase: item.phase }),
        },
      ];
    case 'tool_call':
      return [
        {
          type: 'function_call',
          call_id: item.callId,
          name: toAppServerName(item.name),
          arguments: item.arguments,
        },
      ];
    case 'tool_result':
      return [{ type: 'function_call_output', call_id: item.callId, output: item.output }];
    case 'reasoning':
      return [];
  }
};

const toInput = (part: Part): UserInput =>
  part.type === 'image'
    ? { type: 'image', url: part.url }
    : { type: 'text', text: part.text, text_elements: [] };

export const injectHistory = async (
  rpc: RpcConnection,
  context: CallContext,
  threadId: string,
  turn: Turn,
  pace: Pace,
): Promise<void> => {
  if (turn.history.length === 0) return;
  await recordClientResults(context.span, turn.history, pace);
  const params = { threadId, items: turn.history.flatMap(toItems) };
  await rpc.callRpc(context, 'thread/inject_items', params).catch(refuseBySubject);
};

/** Starts the turn; `started` learns its id. An empty input continues from the injected items. */
export const startTurn = (
  rpc: RpcConnection,
  context: CallContext,
  threadId: string,
  turn: Turn,
  started: (turnId: string) => void,
): Promise<void> => {
  const params: TurnStartParams = {
    threadId,
    input: (turn.input ?? []).map(toInput),
    model: turn.model,
    ...(turn.effort !== null && { effort: turn.effort }),
    ...(turn.reasoningSummary !== null && { summary: turn.reasoningSummary }),
    ...(turn.outputSchema !== null && { outputSchema: turn.outputSchema }),
  };
  const read = (result: unknown): void => started(readResult(turnStarted, 'turn/start', result).turn.id);
  return rpc.callRpc(context, 'turn/start', params, read).catch(refuseBySubject);
};
