import { spawn } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { DONE } from '../answers.ts';
import { serveOnLoopback } from './serve.ts';

/**
 * The floor of the app-server backend: a bare loop over JSON-RPC. One thread and one turn a request, each word as a frame; no checks,
 * limits, time-outs or traces.
 */

interface Params {
  readonly threadId?: string;
  readonly delta?: string;
}
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: { readonly thread?: { readonly id: string } };
}

const [command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
child.on('exit', () => process.exit(1));

const calls = new Map<number, (result: Message['result']) => void>();
const turns = new Map<string, (message: Message) => void>();
let lastId = 0;

const call = (method: string, params: object): Promise<Message['result']> =>
  new Promise((resolve) => {
    const id = ++lastId;
    calls.set(id, resolve);
    child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
  });

createInterface({ input: child.stdout }).on('line', (line) => {
  const message = JSON.parse(line) as Message;
  if (message.id !== undefined && message.method === undefined) {
    calls.get(message.id)?.(message.result);
    calls.delete(message.id);
  } else if (message.params?.threadId) turns.get(message.params.threadId)?.(message);
});

const frame = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

const answerWith = (response: ServerResponse, stream: boolean) => {
  let text = '';
  if (stream) response.writeHead(200, { 'content-type': 'text/event-stream' });
  return {
    say(delta: string): void {
      if (stream) response.write(frame({ content: delta }));
      else text += delta;
    },
    end(): void {
      if (stream) return void response.end(`${frame({}, 'stop')}${DONE}`);
      const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ choices }));
    },
  };
};

const runTurn = async (response: ServerResponse, body: string): Promise<void> => {
  const { stream, messages } = JSON.parse(body) as {
    stream: boolean;
    messages: readonly { readonly content: string }[];
  };
  const started = await call('thread/start', {
    ephemeral: true,
    approvalPolicy: 'never',
    sandbox: 'read-only',
  });
  const threadId = started?.thread?.id ?? '';
  const answer = answerWith(response, stream);
  turns.set(threadId, ({ method, params }) => {
    if (method === 'item/agentMessage/delta') answer.say(params?.delta ?? '');
    if (method !== 'turn/completed') return;
    turns.delete(threadId);
    answer.end();
    void call('thread/unsubscribe', { threadId });
  });
  await call('turn/start', { threadId, input: [{ type: 'text', text: messages.at(-1)?.content }] });
};

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (bytes: Buffer) => parts.push(bytes));
  request.on('end', () => void runTurn(response, Buffer.concat(parts).toString()));
});

await call('initialize', { clientInfo: { name: 'bench', title: null, version: '0' }, capabilities: null });
child.stdin.write(`${JSON.stringify({ method: 'initialized' })}\n`);
serveOnLoopback(server);
