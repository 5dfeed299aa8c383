import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import type { MirrorLine } from '../../src/telemetry/mirror/line.ts';
import { clientTrace, post, streamedText } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import {
  createUpstreamServer,
  frame,
  sendJson,
  streamWords,
  UPSTREAM_MODEL,
  type UpstreamReply,
  type UpstreamServer,
} from '../support/upstream-server.ts';

const KEY = 'a-key-of-the-upstream';
const BIG = '9007199254740993';

const callOf =
  (name: string, args: string): UpstreamReply =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const fn = { name, arguments: args };
    const delta = { reasoning_content: 'Hm.', tool_calls: [{ index: 0, id: 'c1', function: fn }] };
    response.write(frame({ choices: [{ index: 0, delta, finish_reason: null }] }));
    response.write(frame({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] }));
    response.end('data: [DONE]\n\n');
  };

const whoAnswers: UpstreamReply = (response, call) => {
  const said = JSON.stringify(call.body['messages']);
  if (said.includes('too much')) return sendJson(429, { error: { message: 'secret words' } })(response, call);
  if (!said.includes('weather') || said.includes('sunny')) return streamWords('Hel', 'lo')(response, call);
  return callOf(said.includes('unknown') ? 'shell' : 'weather', '{"city": Oslo')(response, call);
};

const weather = `{"type":"function","name":"weather","parameters":{"type":"object","maximum":${BIG}}}`;

describe('a server that has Chat Completions alone', () => {
  let folder: string;
  let server: UpstreamServer;
  let gateway: GatewayProcess;
  let client: OpenAI;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'translated-'));
    server = await createUpstreamServer(whoAnswers);
    const routes = join(folder, 'routes.yaml');
    const backend = `{ kind: http, url: "${server.url}", key_env: NEXT_KEY, trust: true, apis: [chat] }`;
    await writeFile(routes, `backends:\n  next: ${backend}\n`);
    gateway = await startGateway({ PROXY_ROUTES: routes, NEXT_KEY: KEY });
    client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
  });
  afterAll(async () => {
    await gateway?.remove();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('serves the Responses API, whole and streamed, by its own settings', async () => {
    const asked = { model: UPSTREAM_MODEL, input: 'hi', temperature: 0.5, max_output_tokens: 20 };
    const whole = await client.responses.create(asked);
    expect(whole).toMatchObject({ output_text: 'Hello', temperature: 0.5, max_output_tokens: 20 });
    expect(whole.usage).toMatchObject({ input_tokens: 50, output_tokens: 9, total_tokens: 59 });
    const stream = await client.responses.create({ ...asked, stream: true });
    const types: string[] = [];
    for await (const { type } of stream) types.push(type);
    expect(types.at(-1)).toBe('response.completed');
    expect(types.filter((type) => type === 'response.output_text.delta')).toHaveLength(2);
    expect(server.calls.at(-1)?.body).toMatchObject({ temperature: 0.5, max_tokens: 20, stream: true });
  });

  it('serves the Completions API', async () => {
    const asked = { model: UPSTREAM_MODEL, prompt: 'hi', stop: 'END', seed: 7 };
    const { choices } = await client.completions.create(asked);
    expect(choices).toMatchObject([{ text: 'Hello', finish_reason: 'stop' }]);
    expect(server.calls.at(-1)?.body).toMatchObject({
      messages: [{ role: 'user', content: 'hi' }],
      stop: ['END'],
      seed: 7,
    });
  });

  it('has its times in the usage record, as a request that is relayed has them', async () => {
    const response = await post(`${gateway.url}/v1/responses`, { model: UPSTREAM_MODEL, input: 'hi' });
    await response.text();
    const [record] = await gateway.usageOf(response.headers.get('x-request-id') ?? '');
    for (const name of ['connect_ms', 'head_ms', 'upstream_ms', 'overhead_ms'] as const)
      expect([name, record?.[name]]).toEqual([name, expect.any(Number)]);
  });

  it('is relayed what it has itself', async () => {
    const response = await post(`${gateway.url}/v1/chat/completions`, {
      model: UPSTREAM_MODEL,
      stream: true,
      own_field: 1,
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(streamedText(await response.text())).toBe('Hello');
    expect(server.calls.at(-1)?.body).toMatchObject({ own_field: 1 });
  });

  it('has its calls of tools made by the client, with its thoughts beside them, and gets both back', async () => {
    const body = `{"model":"${UPSTREAM_MODEL}","input":"weather?","tools":[${weather}],"tool_choice":"required"}`;
    const response = await post(`${gateway.url}/v1/responses`, body);
    const { output } = (await response.json()) as { output: OpenAI.Responses.ResponseOutputItem[] };
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [{ text: 'Hm.' }] },
      { type: 'function_call', name: 'weather', call_id: 'c1', arguments: '{"city": Oslo' },
    ]);
    expect(server.calls.at(-1)?.raw.toString()).toContain(`"maximum":${BIG}`);
    expect(server.calls.at(-1)?.body).toMatchObject({ tool_choice: 'required' });
    const result = { type: 'function_call_output', call_id: 'c1', output: 'sunny' } as const;
    const next = await client.responses.create({
      model: UPSTREAM_MODEL,
      input: [{ role: 'user', content: 'weather?' }, ...output, result] as OpenAI.Responses.ResponseInput,
      tools: [{ ...(JSON.parse(weather) as OpenAI.Responses.FunctionTool), strict: true }],
    });
    expect(next.output_text).toBe('Hello');
    expect(server.calls.at(-1)?.body).toMatchObject({
      messages: [
        { role: 'user' },
        { role: 'assistant', reasoning_content: 'Hm.', tool_calls: [{ id: 'c1' }] },
        { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
      ],
    });
  });

  it('that calls a tool which nobody offered is asked once more, and then no more', async () => {
    const before = server.calls.length;
    const refused = client.responses.create({ model: UPSTREAM_MODEL, input: 'unknown weather' });
    await expect(refused).rejects.toMatchObject({ status: 502, code: 'unknown_tool_called' });
    expect(server.calls.length - before).toBe(2);
  });

  it('that refuses is explained in words of the gateway, and its own stand in the trace alone', async () => {
    const { error } = await client.responses.create({ model: UPSTREAM_MODEL, input: 'too much' }).then(
      () => ({ error: null }),
      (thrown: unknown) => ({ error: thrown as InstanceType<typeof OpenAI.APIError> }),
    );
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect(error?.message).not.toContain('secret words');
    const reqId = error?.headers?.get('x-request-id');
    const isWords = ({ req_id, type, ...line }: MirrorLine): boolean =>
      req_id === reqId && type === 'event' && JSON.stringify(line).includes('secret words');
    expect(await gateway.waitForMirror((lines) => lines.some(isWords))).toBe(true);
  });

  it('is asked in the trace of the request, whose model call it is, with its own key', async () => {
    const { traceId, header } = clientTrace('c');
    const response = await post(
      `${gateway.url}/v1/responses`,
      { model: UPSTREAM_MODEL, input: 'hi' },
      { headers: { traceparent: header, 'x-request-id': 'translated-1' } },
    );
    await response.text();
    expect(server.calls.at(-1)?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'x-request-id': 'translated-1',
      traceparent: expect.stringContaining(traceId),
    });
    const [record] = await gateway.usageOf('translated-1');
    expect(record).toMatchObject({
      trace_id: traceId,
      backend: 'next',
      outcome: 'completed',
      usage_source: 'provider',
      usage: { input_tokens: 50, output_tokens: 9 },
    });
    const attributes = await gateway.waitForMirror((lines) =>
      attributesOf(lines, 'backend_io', 'translated-1'),
    );
    expect(attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'next',
      'openai.api.type': 'chat_completions',
      'server.address': '127.0.0.1',
      'gen_ai.response.model': UPSTREAM_MODEL,
    });
  });

  it('never has its key shown', async () => {
    await gateway.stop();
    expect(JSON.stringify([await gateway.mirror(), await gateway.usage(), gateway.log])).not.toContain(KEY);
  });
});

/** The texts among a span's attributes. */
const attributesOf = (lines: readonly MirrorLine[], name: string, reqId: string) => {
  const span = lines.find((line) => line.type === 'span' && line.name === name && line.req_id === reqId);
  if (span?.type !== 'span') return undefined;
  const { attributes } = span.otlp as { attributes: { key: string; value: { stringValue?: string } }[] };
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
};
