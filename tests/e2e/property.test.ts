import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { MirrorLine } from '../../src/telemetry/mirror/line.ts';
import { refusedPathOf } from '../../src/telemetry/mirror/refused-path.ts';
import { readNdjson } from '../../src/timeline/read-ndjson.ts';
import { streamMisfit, wholeMisfit } from '../support/answer-shapes.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { type GeneratedRequest, generatedRequest } from '../support/generated-requests.ts';
import { GIVE_UP_MS } from '../support/give-up.ts';

const COUNT = 3_000;
const AT_ONCE = 16;
const SEED = 20_261_121;
const APP_SERVER = fileURLToPath(new URL('../../src/app-server/main.ts', import.meta.url));
const PLAIN = /^\/(?:healthz|livez|readyz|openapi\.json|docs)?$/;
const PROBE = /^\/(?:healthz|livez|readyz)$/;

type Answered = {
  asked: GeneratedRequest;
  reqId: string;
  answeredId: string;
  traceId: string;
  status: number;
  type: string;
  text: string;
};

const send = async (
  base: string,
  asked: GeneratedRequest,
  reqId: string,
  agent: Agent,
): Promise<Answered> => {
  const { hostname, port } = new URL(base);
  const outgoing = request({
    hostname,
    port,
    agent,
    method: asked.method,
    path: asked.path,
    headers: {
      ...asked.headers,
      'x-request-id': reqId,
      'content-length': Buffer.byteLength(asked.body ?? ''),
    },
    signal: AbortSignal.timeout(GIVE_UP_MS),
  });
  outgoing.end(asked.body ?? undefined);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  return {
    asked,
    reqId,
    status: incoming.statusCode ?? 0,
    type: String(incoming.headers['content-type'] ?? ''),
    answeredId: String(incoming.headers['x-request-id']),
    traceId: String(incoming.headers['x-trace-id']),
    text,
  };
};

/** Sends all of them, a few at a time. */
const sendAll = async (base: string, all: readonly GeneratedRequest[]): Promise<Answered[]> => {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const answered: Answered[] = [];
  const waiting = all.map((asked, index) => ({ asked, reqId: `prop-${index}` })).values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const { asked, reqId } of waiting) answered.push(await send(base, asked, reqId, agent));
    }),
  );
  agent.destroy();
  return answered;
};

const envelope = {
  error: {
    message: expect.any(String),
    type: expect.any(String),
    code: expect.any(String),
    request_id: expect.any(String),
    trace_id: expect.any(String),
  },
};

/** What is wrong with an answer, if anything. */
const complaint = ({ asked, status, type, text, reqId, answeredId, traceId }: Answered): string | null => {
  if (answeredId !== reqId) return 'another request id';
  if (!PROBE.test(asked.path) && !/^[0-9a-f]{32}$/.test(traceId)) return 'no trace id';
  if (status === 500) return 'an internal error';
  if (asked.method === 'HEAD' || status === 204) return text === '' ? null : 'a body where none belongs';
  if (type.startsWith('text/event-stream')) return streamMisfit(asked.path, text);
  if (/^text\/(?:html|plain)/.test(type)) return PLAIN.test(asked.path) ? null : 'no JSON';
  const body = JSON.parse(text) as { error?: { request_id?: string; trace_id?: string } };
  if (PLAIN.test(asked.path)) return null;
  if (status < 400) return wholeMisfit(asked.path, body);
  expect(body).toMatchObject(envelope);
  if (body.error?.request_id !== reqId) return 'another request id in the error';
  return body.error.trace_id === traceId ? null : 'another trace id in the error';
};

/** The names of each request's spans, from the mirror and the files that it was rotated to. */
const spanNames = async (path: string): Promise<Map<string, string[]>> => {
  const names = new Map<string, string[]>();
  for (const share of [path, refusedPathOf(path)]) {
    await readNdjson(share, ({ bytes }) => {
      const line = JSON.parse(bytes.toString()) as MirrorLine;
      if (line.type !== 'span' || line.req_id === null) return;
      names.set(line.req_id, [...(names.get(line.req_id) ?? []), line.name]);
    });
  }
  return names;
};

test('a frame that is not as the API is described, and a stream without an end, are noticed', () => {
  const chunk = { id: 'c', created: 1, model: 'm', object: 'chat.completion.chunk', choices: [] };
  const stream = (...frames: unknown[]) =>
    frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('');
  const chat = (text: string) => streamMisfit('/v1/chat/completions', text);
  const responses = (...frames: unknown[]) => streamMisfit('/v1/responses', stream(...frames));
  expect(chat(`${stream(chunk)}data: [DONE]\n\n`)).toBeNull();
  expect(chat(`${stream({ ...chunk, created: 'now' })}data: [DONE]\n\n`)).toContain('created');
  expect(chat(stream(chunk, chunk))).toContain('Error');
  expect(responses({ type: 'response.created' })).toBe('it ends with response.created');
  expect(responses({ type: 'response.completed', sequence_number: 0 })).toContain('response');
});

describe(`${COUNT} generated requests, valid and broken, at every route (seed ${SEED})`, () => {
  let gateway: GatewayProcess;
  let answered: Answered[];

  beforeAll(async () => {
    gateway = await startGateway({
      PROXY_APP_SERVER_CMD: `${process.execPath} ${APP_SERVER} --word-delay-ms 0 --faults`,
    });
    answered = await sendAll(gateway.url, fc.sample(generatedRequest, { numRuns: COUNT, seed: SEED }));
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });
  afterAll(() => gateway?.remove());

  it('are all answered, none with a 500, each error in the envelope', () => {
    const complaints = answered.flatMap((one) => {
      const problem = complaint(one);
      return problem ? [{ problem, ...one }] : [];
    });
    expect(complaints).toEqual([]);
    expect(answered).toHaveLength(COUNT);
  });

  it('are not all alike: answers, streams and many kinds of refusal are among them', () => {
    const statuses = new Set(answered.map(({ status }) => status));
    for (const status of [200, 204, 400, 404, 405, 415, 502, 503]) expect(statuses).toContain(status);
    expect(answered.filter(({ type }) => type.startsWith('text/event-stream')).length).toBeGreaterThan(50);
  });

  it('have exactly one http_ingress and one usage_summary each, one usage record and one access line', async () => {
    const spans = await spanNames(join(gateway.cwd, '.throughline', 'proto.ndjson'));
    const records = Map.groupBy(await gateway.usage(), ({ req_id }) => req_id);
    const access = Map.groupBy(
      gateway.log.filter(({ kind }) => kind === 'access'),
      (line) => String(line['req_id']),
    );
    for (const { asked, reqId } of answered) {
      const wanted = PLAIN.test(asked.path) ? 0 : 1;
      const names = spans.get(reqId) ?? [];
      const counts = {
        asked,
        ingress: names.filter((name) => name === 'http_ingress').length,
        summary: names.filter((name) => name === 'usage_summary').length,
        records: records.get(reqId)?.length ?? 0,
        access: access.get(reqId)?.length ?? 0,
      };
      expect(counts).toEqual({ asked, ingress: wanted, summary: wanted, records: wanted, access: wanted });
    }
  });
});
