import { createInterface } from 'node:readline';
import { BURSTS } from './bursts.ts';

/** An app-server that takes everything, and answers a turn with the burst that its input names, or with one word. */
const say = (message: object): boolean => process.stdout.write(`${JSON.stringify(message)}\n`);

const MODEL = 'worst';
let threads = 0;

const answerTurn = (threadId: string, text: string): void => {
  const turnId = `turn-${threadId}`;
  const burst = BURSTS[text];
  if (burst) for (const line of burst(threadId, turnId)) process.stdout.write(`${line}\n`);
  else {
    const params = { threadId, turnId, itemId: 'm', delta: 'ok' };
    say({ method: 'item/agentMessage/delta', params });
  }
  const turn = { id: turnId, status: 'completed', error: null };
  say({ method: 'turn/completed', params: { threadId, turn } });
};

type Params = { threadId?: string; input?: { text?: string }[] };

const resultOf = (method: string, params: Params): object => {
  switch (method) {
    case 'thread/start':
      return { thread: { id: `th-${++threads}` }, model: MODEL };
    case 'turn/start':
      return { turn: { id: `turn-${params.threadId}` } };
    case 'model/list':
      return { data: [{ id: MODEL }], nextCursor: null };
    case 'config/read':
      return { config: { model: MODEL } };
    default:
      return {};
  }
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line) as { id?: number; method: string; params: Params };
  if (id === undefined) return;
  say({ id, result: resultOf(method, params) });
  if (method === 'turn/start') answerTurn(params.threadId ?? '', params.input?.[0]?.text ?? '');
});
