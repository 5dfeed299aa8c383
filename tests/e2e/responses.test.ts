import { post } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { ALL_PHASES, eventsOf, kindsOf, ownSpansOf, phaseCounts } from '../support/records.ts';
import { complaints } from '../support/schemas.ts';

const MODEL = 'throughline-echo';

/** What is recorded of a request to `/v1/responses`: the same as of a chat. */
describe('a request to the Responses API', () => {
  let gateway: GatewayProcess;

  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.remove());

  const ask = async (body: object, headers: Record<string, string> = {}) => {
    const response = await post(`${gateway.url}/v1/responses`, { model: MODEL, ...body }, { headers });
    const text = await response.text();
    const reqId = response.headers.get('x-request-id') ?? '';
    await gateway.waitForMirror((lines) => phaseCounts(lines, reqId).usage_summary);
    return { response, text, reqId, lines: await gateway.mirror() };
  };
  const USAGE = '/usage 100 40 20 5\n/say one two';
  const attributesOf = (lines: Parameters<typeof ownSpansOf>[0], reqId: string, name: string) =>
    JSON.stringify(ownSpansOf(lines, reqId).find((span) => span.name === name)?.otlp.attributes);

  it.each([
    { stream: true, mode: 'responses_stream' },
    { stream: false, mode: 'responses_nonstream' },
  ])('has its phases, its mode, its usage and its GenAI attributes ($mode)', async ({ stream, mode }) => {
    const { reqId, lines } = await ask(
      { input: USAGE, stream, temperature: 1 },
      { 'x-request-id': `Client:${mode}` },
    );
    expect(reqId).toBe(`Client:${mode}`);
    expect(phaseCounts(lines, reqId)).toEqual(ALL_PHASES);
    for (const event of eventsOf(lines, reqId))
      expect(event).toMatchObject({ route: '/v1/responses', method: 'POST', mode });
    expect(await gateway.usageOf(reqId)).toMatchObject([
      {
        outcome: 'completed',
        mode,
        usage: {
          input_tokens: 100,
          cached_input_tokens: 40,
          output_tokens: 20,
          reasoning_output_tokens: 5,
        },
      },
    ]);
    const io = attributesOf(lines, reqId, 'backend_io');
    for (const name of [
      'gen_ai.operation.name',
      'gen_ai.provider.name',
      'gen_ai.request.model',
      'gen_ai.response.finish_reasons',
      'gen_ai.usage.input_tokens',
    ])
      expect(io).toContain(name);
    expect(attributesOf(lines, reqId, 'http_ingress')).toContain('throughline.ignored_parameters');
    expect(await gateway.accessLine(reqId)).toMatchObject({ mode, outcome: 'completed', status_code: 200 });
  });

  it('streams frames that the mirror has one by one, the terminal one as client_sse_done', async () => {
    const { text, reqId, lines } = await ask({ input: USAGE, stream: true });
    const sent = text.match(/^event: .*$/gm)?.map((line) => line.slice('event: '.length)) ?? [];
    expect(sent.slice(0, 2)).toEqual(['response.created', 'response.in_progress']);
    expect(sent.at(-1)).toBe('response.completed');
    expect(text).not.toContain('[DONE]');
    const kinds = kindsOf(lines, reqId).filter((kind) => kind.startsWith('client_sse'));
    expect(kinds).toEqual([...sent.slice(1).map(() => 'client_sse'), 'client_sse_done']);
  });

  it('has no client_sse_done where the turn fails within the answer', async () => {
    const { text, reqId, lines } = await ask({ input: '/say one\n/fail other', stream: true });
    expect(text).toContain(`"request_id":"${reqId}"`);
    expect(kindsOf(lines, reqId)).not.toContain('client_sse_done');
    expect(await gateway.accessLine(reqId)).toMatchObject({ outcome: 'backend_error', status_code: 200 });
  });

  it('shows no secret, in a delta or in a whole text, and sends it to the client all the same', async () => {
    const secret = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789';
    const { text, reqId, lines } = await ask({ input: `/say the key is ${secret} today`, stream: true });
    expect(text).toContain(secret);
    const shown = eventsOf(lines, reqId).filter(({ phase }) => phase === 'client_egress');
    expect(shown.length).toBeGreaterThan(8);
    expect(JSON.stringify(shown)).not.toContain(secret);
    expect(JSON.stringify(shown)).toContain('today');
  });

  it('is refused where its body is too large or of another type, in the envelope', async () => {
    const large = await ask({ input: 'x'.repeat(33 * 1024 * 1024) });
    expect(large.response.status).toBe(413);
    const other = await ask({ input: 'hi' }, { 'content-type': 'text/plain' });
    expect(other.response.status).toBe(415);
    expect(JSON.parse(other.text).error).toMatchObject({ request_id: other.reqId });
  });

  it('writes lines that fit the schemas in the repository', async () => {
    await gateway.stop();
    expect(complaints('mirror-line', await gateway.mirror())).toEqual([]);
    expect(complaints('usage-record', await gateway.usage())).toEqual([]);
  });
});
