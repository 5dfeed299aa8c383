import { APIError } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { clientOf, useGateway } from '../support/use-gateway.ts';

const MODEL = 'throughline-echo';

/** The official client, as its users have it: nothing of ours in between. */
describe('the openai package, on the embedded app-server', () => {
  const running = useGateway({ PROXY_API_KEYS: 'tests:sdk-test-key-0000' }, 'sdk-test-key-0000');

  const user = (content: string) => [{ role: 'user', content } as const];

  it('chat.completions.create answers whole, with the request id of the gateway', async () => {
    const { data, request_id } = await running.openai.chat.completions
      .create({ model: MODEL, messages: user('hello') })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe('You said: hello');
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(request_id).toMatch(/^req_[0-9a-f]{12}$/);
  });

  it('chat.completions.create streams deltas that make up the answer, and its usage', async () => {
    const stream = await running.openai.chat.completions.create({
      model: MODEL,
      messages: user('/say one two\n/say three'),
      stream: true,
      stream_options: { include_usage: true },
    });
    let said = '';
    let total: number | undefined;
    for await (const chunk of stream) {
      said += chunk.choices[0]?.delta.content ?? '';
      total = chunk.usage?.total_tokens ?? total;
    }
    expect(said).toBe('one two\n\nthree');
    expect(total).toBeGreaterThan(0);
  });

  it('chat.completions.stream puts the final completion together', async () => {
    const completion = await running.openai.chat.completions
      .stream({ model: MODEL, messages: user('hello there') })
      .finalChatCompletion();
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'You said: hello there' },
    });
  });

  it('chat.completions.parse gives the object that the schema asks for', async () => {
    const schema = z.object({ city: z.string(), degrees: z.number() });
    const completion = await running.openai.chat.completions.parse({
      model: MODEL,
      messages: user('the weather'),
      response_format: zodResponseFormat(schema, 'weather'),
    });
    expect(schema.safeParse(completion.choices[0]?.message.parsed).success).toBe(true);
  });

  it('completions.create answers the legacy way, whole and streamed', async () => {
    const whole = await running.openai.completions.create({ model: MODEL, prompt: 'hello', echo: true });
    expect(whole.choices[0]).toMatchObject({ text: 'helloYou said: hello', finish_reason: 'stop' });
    let said = '';
    const stream = await running.openai.completions.create({
      model: MODEL,
      prompt: '/say a b c',
      stream: true,
    });
    for await (const { choices } of stream) said += choices[0]?.text ?? '';
    expect(said).toBe('a b c');
  });

  it('models.list and models.retrieve tell of the backend’s models', async () => {
    const ids: string[] = [];
    for await (const { id } of running.openai.models.list()) ids.push(id);
    expect(ids).toContain(MODEL);
    expect(await running.openai.models.retrieve(MODEL)).toMatchObject({ id: MODEL, object: 'model' });
    await expect(running.openai.models.retrieve('gpt-0')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });

  it('stops where one message ends and the next begins', async () => {
    const request = { model: MODEL, messages: user('/say one two\n/say three'), stop: ['\n\n'] };
    const { choices } = await running.openai.chat.completions.create(request);
    expect(choices[0]).toMatchObject({ message: { content: 'one two' }, finish_reason: 'stop' });
  });

  it('stops at a stop sequence, which is not part of the answer, and interrupts the turn', async () => {
    const request = { model: MODEL, messages: user('/say one two STOP three four'), stop: ['STOP'] };
    const { data, request_id } = await running.openai.chat.completions.create(request).withResponse();
    expect(data.choices[0]).toMatchObject({ message: { content: 'one two ' }, finish_reason: 'stop' });
    const isInterrupt = ({ name }: { name?: string | undefined }) => name === 'turn/interrupt';
    const interrupted = await running.gateway.waitForMirror((lines) =>
      lines.find((line) => line.type === 'span' && line.req_id === request_id && isInterrupt(line)),
    );
    expect(interrupted).toBeDefined();
  });

  it('names parameters without effect in a header, and on the span', async () => {
    const { response, request_id } = await running.openai.chat.completions
      .create({ model: MODEL, messages: user('hi'), temperature: 0.2, max_tokens: 5, tools: [] })
      .withResponse();
    expect(response.headers.get('x-throughline-ignored')).toBe('temperature, max_tokens');
    const ingress = await running.gateway.waitForMirror((lines) =>
      lines.find(
        (line) => line.type === 'span' && line.req_id === request_id && line.name === 'http_ingress',
      ),
    );
    expect(JSON.stringify(ingress)).toContain('throughline.ignored_parameters');
  });

  it.each([
    ['n', 2],
    ['logprobs', true],
    ['logit_bias', { 1: 2 }],
    ['store', true],
  ])('%s = %j is a BadRequestError that names it', async (param, value) => {
    const request = { model: MODEL, messages: user('hi'), [param]: value, stream: false as const };
    await expect(running.openai.chat.completions.create(request)).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param,
    });
  });

  it('an error after the first word is thrown by the stream, with its code', async () => {
    const stream = await running.openai.chat.completions.create({
      model: MODEL,
      messages: user('/say one two\n/fail serverOverloaded'),
      stream: true,
    });
    const read = async (): Promise<void> => {
      for await (const _ of stream);
    };
    const error: unknown = await read().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ code: 'backend_overloaded' });
  });

  it('an error before the first word is the status that the client retries by', async () => {
    const failing = running.openai.chat.completions.create({
      model: MODEL,
      messages: user('/fail serverOverloaded'),
    });
    await expect(failing).rejects.toMatchObject({ status: 503, code: 'backend_overloaded' });
    const unauthorized = clientOf(running.gateway, 'another');
    await expect(unauthorized.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
  });

  it('HEAD and OPTIONS tell what there is without a body', async () => {
    const headers = { authorization: 'Bearer sdk-test-key-0000' };
    const head = await fetch(`${running.gateway.url}/v1/models/${MODEL}`, { method: 'HEAD', headers });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const options = await fetch(`${running.gateway.url}/v1/chat/completions`, { method: 'OPTIONS', headers });
    expect([options.status, options.headers.get('allow'), await options.text()]).toEqual([
      204,
      'POST, OPTIONS',
      '',
    ]);
  });

  it('the description of the API is served to anybody, with a request id', async () => {
    for (const path of ['/openapi.json', '/docs']) {
      const response = await fetch(running.gateway.url + path);
      expect(response.status).toBe(200);
      expect(response.headers.get('x-request-id')).toMatch(/^req_/);
      expect(await response.text()).toContain('/v1/chat/completions');
    }
  });
});
