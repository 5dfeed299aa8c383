import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { chat, user } from '../support/chat.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { type Loopback, listenOnLoopback } from '../support/loopback.ts';
import { createWaiters } from '../support/wait-until.ts';
import { MODEL, startTracedGateway } from './support/gateway.ts';
import { hostileSpan, SECRETS } from './support/hostile-span.ts';
import { sendLogs } from './support/send-logs.ts';
import { attributesOf } from './support/send-span.ts';
import { type LocalStack, startLocalStack } from './support/stack.ts';

/** A message as the collector's exporter sends it: protobuf, in which texts and ids stand as they are. */
const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(request, 'end');
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
};

/** In Loki's place stands a server that only keeps what is sent to Loki's OTLP address: Loki itself is no part of this test. */
describe('the log lines of a request, sent through the collector', () => {
  const sent: Buffer[] = [];
  const waiters = createWaiters();
  let loki: Loopback;
  let stack: LocalStack;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    loki = await listenOnLoopback((request, response) => {
      void bodyOf(request).then((body) => {
        if (request.url === '/otlp/v1/logs') sent.push(body);
        response.writeHead(request.url === '/otlp/v1/logs' ? 200 : 404).end();
        waiters.notify();
      });
    });
    stack = await startLocalStack({ LOKI_OTLP_ENDPOINT: `${loki.url}/otlp` });
    gateway = await startTracedGateway(stack.collector.otlpUrl, { OTEL_BLRP_SCHEDULE_DELAY: '200' });
  });

  afterAll(async () => {
    await gateway?.remove();
    await stack?.stop();
    await loki?.close();
  });

  const received = (...parts: (string | Buffer)[]): Promise<Buffer> =>
    waiters.until(
      () => sent.find((body) => parts.every((part) => body.includes(part))),
      () => `in ${sent.length} messages`,
    );

  it('come to Loki with the request id and the ids of their span', async () => {
    const { reqId } = await chat(gateway.url, { model: MODEL, messages: user('hello') });
    const line = await gateway.accessLine(reqId);
    const ids = ['trace_id', 'span_id'].map((name) => Buffer.from(String(line[name]), 'hex'));
    const body = await received(reqId, ...ids);
    expect(body.includes('throughline')).toBe(true);
    expect(body.includes('POST /v1/chat/completions 200 completed')).toBe(true);
  });

  it('are masked where a sender let a secret through', async () => {
    const { attributes = {}, name, scope } = hostileSpan('0'.repeat(32));
    const record = {
      body: { stringValue: `a line with ${attributes['note']} in it` },
      severityText: name,
      eventName: name,
      attributes: attributesOf({ ...attributes, mark: 'from-another-sender' }),
    };
    const nested = { body: { kvlistValue: { values: attributesOf(attributes) } } };
    expect(await sendLogs(stack.collector.otlpUrl, [record, nested], scope)).toBe(200);
    const body = await received('from-another-sender', 'a line with the key is ****', 'scope of ****');
    expect(body.toString('latin1')).not.toMatch(SECRETS);
    expect(body.includes('throughline.text')).toBe(false);
  });
});
