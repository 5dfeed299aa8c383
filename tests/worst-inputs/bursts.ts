/** What a backend may write behind a turn, by the word that asks for it: the lines, without newlines. */
export type Burst = (threadId: string, turnId: string) => Iterable<string>;

const MIB = 1024 * 1024;

const notification = (method: string, params: object): string => JSON.stringify({ method, params });

const oneDelta =
  (unit: string, bytes: number): Burst =>
  (threadId, turnId) => [
    notification('item/agentMessage/delta', {
      threadId,
      turnId,
      itemId: 'm',
      delta: unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit))),
    }),
  ];

function* deltas(threadId: string, turnId: string, count: number): Generator<string> {
  for (let at = 0; at < count; at++) {
    const params = { threadId, turnId, itemId: 'm', delta: `word${at} ` };
    yield notification('item/agentMessage/delta', params);
  }
}

function* toolCalls(threadId: string, turnId: string, count: number): Generator<string> {
  for (let at = 0; at < count; at++) {
    const item = { id: `c${at}`, type: 'commandExecution', command: 'ls', cwd: '/' };
    yield notification('item/started', { threadId, turnId, item });
  }
}

function* lines(line: string, count: number): Generator<string> {
  for (let at = 0; at < count; at++) yield line;
}

const SECRET_LIKE = 'password: "x" sk-1 Bearer a=b ';

export const BURSTS: Readonly<Record<string, Burst>> = {
  'delta 7 MiB': oneDelta('hello world ', 7 * MIB),
  'delta 30 MiB': oneDelta('hello world ', 30 * MIB),
  'delta 30 MiB secret-like': oneDelta(SECRET_LIKE, 30 * MIB),
  'delta 7 MiB secret-like': oneDelta(SECRET_LIKE, 7 * MIB),
  'deltas 60000': (threadId, turnId) => deltas(threadId, turnId, 60_000),
  'tools 20000': (threadId, turnId) => toolCalls(threadId, turnId, 20_000),
  'tiny notifications 200000': () => lines('{"method":"x"}', 200_000),
  'garbage 200000': () => lines('x', 200_000),
  'item 15 MiB': (threadId, turnId) => [
    notification('item/completed', {
      threadId,
      turnId,
      item: {
        id: 'c',
        type: 'commandExecution',
        aggregatedOutput: SECRET_LIKE.repeat((15 * MIB) / SECRET_LIKE.length),
      },
    }),
  ],
  'item of 700000 values': (threadId, turnId) => [
    notification('item/completed', {
      threadId,
      turnId,
      item: {
        id: 'c',
        type: 'mcpToolCall',
        tool: 't',
        result: Array.from({ length: 700_000 }, () => ({ a: 1 })),
      },
    }),
  ],
};
