import OpenAI, { APIUserAbortError } from 'openai';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { rejectionOf } from '../support/thrown.ts';

const MODEL = 'throughline-echo';
const user = (content: string) => [{ role: 'user', content } as const];

describe('the openai package, on a gateway with one place', () => {
  let gateway: GatewayProcess;

  beforeAll(async () => {
    gateway = await startGateway({
      PROXY_MAX_CONCURRENCY: '1',
      PROXY_SSE_MAX_CONCURRENCY: '1',
      PROXY_QUEUE_MAX: '0',
    });
  });
  afterAll(() => gateway?.remove());

  /** It may come before the place of the request before is given back, and then comes again. */
  const clientOf = (options: { fetch?: typeof fetch } = {}) =>
    new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'unused', maxRetries: 5, ...options });

  it('aborts a stream in the middle, and its turn and its place with it', async () => {
    const { data, request_id } = await clientOf()
      .chat.completions.create({ model: MODEL, messages: user('/stall'), stream: true })
      .withResponse();
    for await (const { choices } of data) if (choices[0]?.delta.content) data.controller.abort();
    const line = await gateway.accessLine(String(request_id));
    expect(line).toMatchObject({ outcome: 'client_disconnect', status_code: 200 });
    const next = await clientOf().chat.completions.create({ model: MODEL, messages: user('hi') });
    expect(next.choices[0]?.message.content).toBe('You said: hi');
  });

  it('aborts what its helpers put together', async () => {
    const named = (reqId: string) => ({ headers: { 'x-request-id': reqId } });
    const chat = clientOf().chat.completions.stream(
      { model: MODEL, messages: user('/stall') },
      named('aborted-chat'),
    );
    chat.on('content', () => chat.abort());
    expect(await rejectionOf(chat.finalChatCompletion())).toBeInstanceOf(APIUserAbortError);
    expect(await gateway.accessLine('aborted-chat')).toMatchObject({ outcome: 'client_disconnect' });
    const response = clientOf().responses.stream(
      { model: MODEL, input: '/stall' },
      named('aborted-response'),
    );
    response.on('response.output_text.delta', () => response.abort());
    expect(await rejectionOf(response.finalResponse())).toBeInstanceOf(APIUserAbortError);
    expect(await gateway.accessLine('aborted-response')).toMatchObject({ outcome: 'client_disconnect' });
  });

  it('comes again when it is told to, and finds the place that is free by then', async () => {
    const holding = await clientOf().chat.completions.create({
      model: MODEL,
      messages: user('/stall'),
      stream: true,
    });
    const attempts: (string | number | null)[][] = [];
    const watched: typeof fetch = async (...given) => {
      const response = await fetch(...given);
      attempts.push([response.status, response.headers.get('retry-after')]);
      if (response.status === 503) holding.controller.abort();
      return response;
    };
    const patient = clientOf({ fetch: watched });
    const { choices } = await patient.chat.completions.create({ model: MODEL, messages: user('hi') });
    expect(choices[0]?.message.content).toBe('You said: hi');
    expect(attempts[0]).toEqual([503, expect.stringMatching(/^[1-9]\d*$/)]);
    expect(attempts.at(-1)).toEqual([200, null]);
  });
});
