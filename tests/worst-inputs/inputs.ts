import { BURSTS } from './bursts.ts';

/** One input: who sends it, and the request that brings it about. */
export type Input = {
  readonly from: 'client' | 'backend';
  readonly name: string;
  readonly path: string;
  readonly body: Buffer;
  /** Whether the client begins to read only when the backend has said everything. */
  readonly slow: boolean;
};

const MIB = 1024 * 1024;
/** Below the default limit of a body. */
const LARGE = 11.5 * MIB;
const VALUES = 45_000;

/** What a unit takes in JSON, escapes included. */
const sizeInJson = (unit: string): number => Buffer.byteLength(JSON.stringify(unit)) - 2;
const fill = (unit: string, bytes = LARGE): string => unit.repeat(Math.floor(bytes / sizeInJson(unit)));
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

const client = (name: string, path: string, body: object | string): Input => ({
  from: 'client',
  name,
  path,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  slow: false,
});

const model = 'worst';
const user = (content: unknown) => ({ role: 'user', content });
const chat = (name: string, more: object): Input =>
  client(name, '/v1/chat/completions', { model, messages: [user('hi')], ...more });
const responses = (name: string, more: object): Input =>
  client(name, '/v1/responses', { model, input: 'hi', ...more });
const tool = (index: number) => ({ type: 'function', function: { name: `f${index}` } });

const clientInputs = (): Input[] => [
  chat('one text of 11 MiB, ASCII', { messages: [user(fill('hello world '))] }),
  chat('one text of 11 MiB, letters of two bytes', { messages: [user(fill('привет '))] }),
  chat('one text of 11 MiB, emoji', { messages: [user(fill('😀'))] }),
  client(
    'one text of 11 MiB, escapes',
    '/v1/chat/completions',
    `{"model":"${model}","messages":[{"role":"user","content":"${'\\n\\"'.repeat(LARGE / 4)}"}]}`,
  ),
  chat('one text of 11 MiB, what looks like secrets', {
    messages: [user(fill('password: "x" sk-1 Bearer a=b '))],
  }),
  chat('an image of 11 MiB', {
    messages: [user([{ type: 'image_url', image_url: { url: `data:image/png;base64,${fill('QUJD')}` } }])],
  }),
  responses('instructions of 11 MiB, streamed', { instructions: fill('hello "world" '), stream: true }),
  responses('input: [{}, …]', { input: many(VALUES / 2, () => ({})) }),
  responses('input: items of an unknown type', { input: many(VALUES / 2, () => ({ type: 'x' })) }),
  responses('input: messages', { input: many(VALUES / 4, () => user('hi')) }),
  responses('input: results of tools', {
    input: many(VALUES / 10, (at) => [
      { type: 'function_call', call_id: `c${at}`, name: 'f', arguments: '{}' },
    ])
      .flat()
      .concat(
        many(VALUES / 10, (at) => ({
          type: 'function_call_output',
          call_id: `c${at}`,
          output: 'x',
        })) as never,
      ),
  }),
  responses('metadata: {k: 1, …}', { metadata: Object.fromEntries(many(VALUES, (at) => [`k${at}`, 1])) }),
  responses('metadata: {k: "", …}', { metadata: Object.fromEntries(many(VALUES, (at) => [`k${at}`, ''])) }),
  responses('fields that nobody knows', Object.fromEntries(many(VALUES, (at) => [`k${at}`, 1]))),
  chat('messages: [{}, …]', { messages: many(VALUES / 2, () => ({})) }),
  chat('messages', { messages: many(VALUES / 4, () => user('hi')) }),
  chat('parts of a message', {
    messages: [user(many(VALUES / 4, () => ({ type: 'text', text: 'x' })))],
  }),
  chat('parts of a message, all wrong', { messages: [user(many(VALUES / 2, () => ({})))] }),
  chat('tools: [{}, …]', { tools: many(VALUES / 2, () => ({})) }),
  chat('tools', { tools: many(VALUES / 4, tool) }),
  chat('tools, and as many allowed ones', {
    tools: many(VALUES / 8, tool),
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: many(VALUES / 8, (at) => tool(VALUES / 8 - 1 - at)) },
    },
  }),
  chat('a tool whose schema is large', {
    tools: [{ type: 'function', function: { name: 'f', parameters: { a: many(VALUES / 2, () => ({})) } } }],
  }),
  chat('stop: [[], …]', { stop: many(VALUES / 2, () => []) }),
  chat('logit_bias: {k: "", …}', { logit_bias: Object.fromEntries(many(VALUES, (at) => [`k${at}`, ''])) }),
  client('prompt: [1, …]', '/v1/completions', { model, prompt: many(VALUES, () => 1) }),
  client('prompt: [{}, …]', '/v1/completions', { model, prompt: many(VALUES / 2, () => ({})) }),
  client('prompt: [[1], …]', '/v1/completions', { model, prompt: many(VALUES / 2, () => [1]) }),
];

const backendInput = (word: string, slow: boolean): Input => ({
  from: 'backend',
  name: slow ? `${word}, to a client that reads late` : word,
  path: '/v1/chat/completions',
  body: Buffer.from(JSON.stringify({ model, stream: true, messages: [user(word)] })),
  slow,
});

/** All inputs of the table. */
export const allInputs = (): Input[] => [
  ...clientInputs(),
  ...Object.keys(BURSTS).map((word) => backendInput(word, false)),
  backendInput('deltas 60000', true),
];

/** What an input has in bytes, whoever sends it. */
export const sizeOf = ({ from, name, body }: Input): number => {
  if (from === 'client') return body.length;
  const burst = BURSTS[name.split(',')[0] ?? ''];
  let bytes = 0;
  for (const line of burst?.('th-1', 'turn-th-1') ?? []) bytes += line.length + 1;
  return bytes;
};
