import type { ServerNotification, TokenUsage } from '../../src/app-server-protocol/events.ts';
import type { ProtocolTurn } from '../../src/app-server-protocol/index.ts';
import { type AppServer, type Json, type StartOptions, startAppServer } from './support.ts';

export const CLIENT_INFO = { name: 'jest', title: null, version: '9.9' };

export const initialize = (server: AppServer, trace?: unknown) =>
  server.get(
    'initialize',
    { clientInfo: CLIENT_INFO, capabilities: { experimentalApi: true, requestAttestation: false } },
    trace,
  );

export const text = (...parts: string[]) =>
  parts.map((part) => ({ type: 'text', text: part, text_elements: [] }));

/** A thread on an initialized server; gives its id. */
export const startThread = async (server: AppServer, params: Json = {}, trace?: unknown): Promise<string> => {
  const { thread } = await server.get<{ thread: { id: string } }>(
    'thread/start',
    { ephemeral: true, ...params },
    trace,
  );
  return thread.id;
};

const inTurn = (turnId: string) => (notification: ServerNotification) => {
  const { params } = notification;
  return 'turnId' in params ? params.turnId === turnId : 'turn' in params && params.turn.id === turnId;
};

export type RanTurn = {
  turnId: string;
  turn: ProtocolTurn;
  /** All that was said, over all messages. */
  text: string;
  notifications: ServerNotification[];
};

export const beginTurn = async (
  server: AppServer,
  threadId: string,
  prompt: string,
  extra: Json = {},
  trace?: unknown,
) => {
  const input = prompt === '' ? [] : text(prompt);
  const { turn } = await server.get<{ turn: ProtocolTurn }>(
    'turn/start',
    { threadId, input, ...extra },
    trace,
  );
  return turn.id;
};

export const endOfTurn = async (server: AppServer, turnId: string): Promise<RanTurn> => {
  const turn = await server.until(() => {
    const end = server.notifications.find(
      (n) => n.method === 'turn/completed' && n.params.turn.id === turnId,
    );
    return end?.method === 'turn/completed' && end.params.turn;
  });
  const notifications = server.notifications.filter(inTurn(turnId));
  const deltas = notifications.map((n) => (n.method === 'item/agentMessage/delta' ? n.params.delta : ''));
  return { turnId, turn, text: deltas.join(''), notifications };
};

/** A turn from its start to its end. */
export const runTurn = async (
  server: AppServer,
  threadId: string,
  prompt: string,
  extra: Json = {},
  trace?: unknown,
) => endOfTurn(server, await beginTurn(server, threadId, prompt, extra, trace));

export const ofMethod = <M extends ServerNotification['method']>(
  notifications: readonly ServerNotification[],
  method: M,
) => notifications.filter((n): n is Extract<ServerNotification, { method: M }> => n.method === method);

/** Runs `use` with an initialized server, and ends it in any case. */
export const withServer = async <T>(
  options: StartOptions,
  use: (server: AppServer) => Promise<T>,
): Promise<T> => {
  const server = startAppServer(options);
  try {
    await initialize(server);
    return await use(server);
  } finally {
    await server.close();
  }
};

export const usage = (
  input: number,
  cached: number,
  output: number,
  reasoning: number,
  written = 0,
): TokenUsage => ({
  ...{ totalTokens: input + output, inputTokens: input, cachedInputTokens: cached },
  ...{ cacheWriteInputTokens: written, outputTokens: output, reasoningOutputTokens: reasoning },
});
