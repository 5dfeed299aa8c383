import { PHASES } from '../../src/telemetry/phases.ts';
import { user } from '../support/chat.ts';
import { type Answer, CITY_SCHEMA, useLlama, WEATHER_TOOL } from './support/use-llama.ts';

/** As if the server had Chat Completions alone. */
const llama = useLlama((url) => `backends:\n  llama: { kind: http, url: "${url}", apis: [chat] }\n`);

const HELLO = { input: 'Say hello.', max_output_tokens: 16 };
/** With the template of the model around it. */
const HELLO_TOKENS = 33;

type Part = { type: string; text: string };
type Body = {
  status: string;
  output: { type: string; content: Part[] }[];
  incomplete_details: { reason: string } | null;
  usage: { input_tokens: number; output_tokens: number };
};
type Event = { type: string; delta: string; response: Body };

const textOf = ({ output }: Body): string =>
  output.flatMap(({ content }) => content.map(({ text }) => text)).join('');

const eventsOf = ({ text }: Answer): Event[] =>
  (text.match(/^data: .*$/gm) ?? []).map((line) => JSON.parse(line.slice('data: '.length)) as Event);

const settled = async ({ reqId }: Answer) => {
  const records = await llama.gateway.usageOf(reqId);
  expect(records).toHaveLength(1);
  return records[0];
};

const COMPLETED = { outcome: 'completed', backend: 'llama', usage_source: 'provider' };

describe("a response that llama.cpp's server gives as a chat", () => {
  it('has its text, its end and its usage', async () => {
    const answer = await llama.ask('responses', HELLO);
    expect(answer.status).toBe(200);
    const body = JSON.parse(answer.text) as Body;
    expect(textOf(body)).toMatch(/\w/);
    expect(body).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      usage: { input_tokens: HELLO_TOKENS, output_tokens: 16 },
    });
    expect(await settled(answer)).toMatchObject({
      ...COMPLETED,
      usage: { input_tokens: HELLO_TOKENS, output_tokens: 16 },
    });
  });

  it('is streamed piece by piece', async () => {
    const answer = await llama.ask('responses', { ...HELLO, stream: true });
    const events = eventsOf(answer);
    const deltas = events.filter(({ type }) => type === 'response.output_text.delta');
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(['response.created', 'response.incomplete']);
    expect(deltas.length).toBeGreaterThan(2);
    expect(deltas.map(({ delta }) => delta).join('')).toBe(textOf(events.at(-1)?.response as Body));
    expect(await settled(answer)).toMatchObject({ ...COMPLETED, first_token_ms: expect.any(Number) });
  });

  it('has the shape that its client asks for', async () => {
    const format = { type: 'json_schema', name: 'city', schema: CITY_SCHEMA, strict: true };
    const asked = { input: 'Which city has the Eiffel tower?', max_output_tokens: 60, text: { format } };
    const answer = await llama.ask('responses', asked);
    const body = JSON.parse(answer.text) as Body;
    expect([body.status, JSON.parse(textOf(body))]).toEqual(['completed', { city: 'Paris' }]);
  });

  it.each([false, true])('may have been offered tools (streamed: %s)', async (stream) => {
    const tools = [{ type: 'function', ...WEATHER_TOOL }];
    const answer = await llama.ask('responses', { ...HELLO, stream, tools, tool_choice: 'auto' });
    expect(answer.status).toBe(200);
    expect(await settled(answer)).toMatchObject(COMPLETED);
  });

  it('is refused as the server refuses the chat, when the conversation is too long', async () => {
    const answer = await llama.ask('responses', { input: 'word '.repeat(3000) });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text).error).toMatchObject({
      code: 'context_length_exceeded',
      request_id: answer.reqId,
    });
    expect(await settled(answer)).toMatchObject({ outcome: 'invalid_request' });
  });

  it('has a trace with its five phases, its attempt and its id', async () => {
    const { reqId } = await llama.ask('responses', { ...HELLO, stream: true });
    const names = [...PHASES, 'POST', 'POST /v1/responses'];
    const spans = await llama.gateway.waitForMirror((lines) => {
      const own = lines.flatMap((line) => (line.type === 'span' && line.req_id === reqId ? [line] : []));
      return names.every((name) => own.some((span) => span.name === name)) && own;
    });
    expect(spans.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });
});

describe("a completion that llama.cpp's server gives as a chat", () => {
  it.each([false, true])('has its text (streamed: %s)', async (stream) => {
    const answer = await llama.ask('completions', { prompt: 'Say hello.', max_tokens: 8, stream });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"object":"text_completion"');
    expect(answer.text).toContain('"finish_reason":"length"');
    const usage = { input_tokens: HELLO_TOKENS, output_tokens: 8 };
    expect(await settled(answer)).toMatchObject({ ...COMPLETED, usage });
  });
});

describe('a chat through the same gateway', () => {
  it('passes as it is', async () => {
    const answer = await llama.ask('chat/completions', { messages: user('Say hello.'), max_tokens: 8 });
    expect(llama.recorder.bodies().some((body) => body.equals(answer.bytes))).toBe(true);
    expect(await settled(answer)).toMatchObject(COMPLETED);
  });
});
