import { PHASES } from '../../src/telemetry/phases.ts';
import { poll } from '../stack/support/poll.ts';
import { clientTrace, user } from '../support/chat.ts';
import { MODEL } from './support/server.ts';
import { type Answer, useLlama, WEATHER_TOOL } from './support/use-llama.ts';

const llama = useLlama();

const HELLO = { messages: user('Say hello.'), max_tokens: 8 };
/** With the template of the model around it. */
const HELLO_TOKENS = 33;

/** The bytes are those of one of the server's answers. */
const expectPassed = ({ bytes, text }: Answer): void => {
  const same = llama.recorder.bodies().some((body) => body.equals(bytes));
  expect([text, same]).toEqual([text, true]);
};

const settled = async ({ reqId }: Answer) => {
  const records = await llama.gateway.usageOf(reqId);
  expect(records).toHaveLength(1);
  return records[0];
};

const completed = (input_tokens: number, output_tokens: number) => ({
  outcome: 'completed',
  backend: 'upstream',
  usage_source: 'provider',
  usage: { input_tokens, output_tokens },
});

const events = (text: string): string[] => text.split('\n\n').filter(Boolean);

describe("a request that goes on to llama.cpp's server", () => {
  it('lists its model', async () => {
    const answer = await fetch(`${llama.gateway.url}/v1/models`);
    const { data } = (await answer.json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual([MODEL]);
  });

  it('passes a chat, and records its usage', async () => {
    const answer = await llama.ask('chat/completions', HELLO);
    expect([answer.status, answer.headers.get('server')]).toEqual([200, null]);
    expectPassed(answer);
    const { usage, choices } = JSON.parse(answer.text);
    expect(choices[0].message.content).toMatch(/\w/);
    expect(await settled(answer)).toMatchObject(completed(usage.prompt_tokens, usage.completion_tokens));
  });

  it('passes a streamed chat whose client asks for usage, to the byte', async () => {
    const asked = { ...HELLO, stream: true, stream_options: { include_usage: true } };
    const answer = await llama.ask('chat/completions', asked);
    expect(answer.status).toBe(200);
    expectPassed(answer);
    expect(events(answer.text).at(-1)).toBe('data: [DONE]');
    expect(answer.text).toContain('"usage":{');
    expect(await settled(answer)).toMatchObject({
      ...completed(HELLO_TOKENS, 8),
      first_token_ms: expect.any(Number),
    });
  });

  it.each([1, 2])('asks for usage itself, and hides what comes of it (choices: %s)', async (n) => {
    const answer = await llama.ask('chat/completions', { ...HELLO, n, stream: true });
    expect(answer.text).not.toContain('"usage"');
    const { id } = JSON.parse(events(answer.text)[0]?.slice('data: '.length) ?? '');
    const sent =
      llama.recorder
        .bodies()
        .map(String)
        .find((body) => body.includes(id)) ?? '';
    const hidden = events(sent).filter((event) => event.includes('"choices":[],'));
    // The server tells the usage of each choice by itself.
    expect(hidden).toHaveLength(n);
    expect(answer.text).toBe(hidden.reduce((text, event) => text.replace(`${event}\n\n`, ''), sent));
    expect(await settled(answer)).toMatchObject(completed(HELLO_TOKENS, 8));
  });

  it.each([false, true])('passes what it makes of tools (streamed: %s)', async (stream) => {
    const tools = [{ type: 'function', function: WEATHER_TOOL }];
    const answer = await llama.ask('chat/completions', { ...HELLO, stream, tools, tool_choice: 'required' });
    expect(answer.status).toBe(200);
    if (!stream) expectPassed(answer);
    expect(await settled(answer)).toMatchObject({ outcome: 'completed', usage_source: 'provider' });
  });

  it.each([false, true])('passes a completion (streamed: %s)', async (stream) => {
    const answer = await llama.ask('completions', { prompt: 'Once upon', max_tokens: 6, stream });
    expect(answer.status).toBe(200);
    expectPassed(answer);
    expect(await settled(answer)).toMatchObject(completed(2, 6));
  });

  it.each([false, true])('passes a response (streamed: %s)', async (stream) => {
    const answer = await llama.ask('responses', { input: 'Say hello.', max_output_tokens: 8, stream });
    expect(answer.status).toBe(200);
    expectPassed(answer);
    if (stream) expect(events(answer.text).at(-1)).toMatch(/^event: response\.completed\n/);
    expect(await settled(answer)).toMatchObject(completed(HELLO_TOKENS, 8));
  });

  it.each(['float', 'base64'])('passes embeddings as %s', async (encoding_format) => {
    const answer = await llama.ask('embeddings', { input: ['hi', 'hello there'], encoding_format });
    expect(answer.status).toBe(200);
    expectPassed(answer);
    expect(JSON.parse(answer.text).data).toHaveLength(2);
    expect(await settled(answer)).toMatchObject({ ...completed(3, 0), mode: 'other' });
  });

  it('serves more requests than the server takes on one connection', async () => {
    const [before, statuses] = [llama.recorder.connections, new Set<number>()];
    for (const _ of Array.from({ length: 120 }))
      statuses.add((await llama.ask('embeddings', { input: 'hi' })).status);
    expect([...statuses]).toEqual([200]);
    const made = llama.recorder.connections - before;
    expect([made > 0, made < 60]).toEqual([true, true]);
  });
});

describe("an error of llama.cpp's server", () => {
  it.each([
    ['a parameter of a wrong type', 'chat/completions', { ...HELLO, max_tokens: 'many' }, 400],
    ['a body of a wrong shape', 'chat/completions', { messages: 'hello' }, 400],
    ['too long a conversation', 'chat/completions', { messages: user('word '.repeat(3000)) }, 400],
    ['a path that it does not have', 'moderations', { input: 'hello' }, 404],
  ])('about %s keeps its status and members, and has our ids', async (_, path, body, status) => {
    const answer = await llama.ask(path, body);
    expect(answer.status).toBe(status);
    const { error } = JSON.parse(answer.text);
    const sent = llama.recorder
      .bodies()
      .map(String)
      .findLast((text) => text.startsWith('{"error"'));
    expect(error).toMatchObject(JSON.parse(sent ?? '').error);
    expect(error).toMatchObject({
      request_id: answer.reqId,
      trace_id: answer.headers.get('x-trace-id'),
      service: 'throughline',
    });
    const outcome = status === 404 ? 'not_found' : 'invalid_request';
    expect(await settled(answer)).toMatchObject({ outcome, status_code: status });
  });
});

describe("a request's trace", () => {
  it('has its five phases, its attempt and its id', async () => {
    const { traceId, header } = clientTrace('c');
    const headers = { traceparent: header, 'x-request-id': 'llama-traced' };
    const answer = await llama.ask('chat/completions', { ...HELLO, stream: true }, headers);
    expect([answer.reqId, answer.headers.get('x-trace-id')]).toEqual(['llama-traced', traceId]);
    const names = [...PHASES, 'POST', 'POST /v1/chat/completions'];
    const spans = await llama.gateway.waitForMirror((lines) => {
      const own = lines.flatMap((line) =>
        line.type === 'span' && line.req_id === 'llama-traced' ? [line] : [],
      );
      return names.every((name) => own.some((span) => span.name === name)) && own;
    });
    expect(spans.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    expect(new Set(spans.map(({ trace_id }) => trace_id))).toEqual(new Set([traceId]));
  });
});

describe('a client that leaves a stream', () => {
  it('frees the place that the server had for it', async () => {
    const controller = new AbortController();
    const response = await fetch(`${llama.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      signal: controller.signal,
      headers: { 'content-type': 'application/json', 'x-request-id': 'llama-left' },
      body: JSON.stringify({ model: MODEL, messages: user('Count.'), stream: true, ignore_eos: true }),
    });
    await response.body?.getReader().read();
    controller.abort();
    const [record] = await llama.gateway.usageOf('llama-left');
    expect(record).toMatchObject({ outcome: 'client_disconnect' });
    await poll('no slot at work', async () => {
      const slots = (await (await fetch(`${llama.server.url}/slots`)).json()) as { is_processing: boolean }[];
      return slots.every((slot) => !slot.is_processing);
    });
  });
});
