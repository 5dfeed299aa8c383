import { chat, user } from '../support/chat.ts';
import { type GatewayProcess, type LogLine, startGateway } from '../support/gateway.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';

const MODEL = 'throughline-echo';

describe('the lines of the log, as log records over OTLP', () => {
  let receiver: OtlpReceiver;
  let gateway: GatewayProcess | undefined;

  beforeEach(async () => {
    receiver = await createOtlpReceiver();
  });
  afterEach(async () => {
    await gateway?.remove();
    gateway = undefined;
    await receiver.close();
  });

  const start = async (env: Record<string, string> = {}): Promise<GatewayProcess> => {
    gateway = await startGateway({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BLRP_SCHEDULE_DELAY: '50',
      ...env,
    });
    return gateway;
  };
  const ask = async ({ url }: GatewayProcess, model = MODEL): Promise<string> =>
    (await chat(url, { model, messages: user('hello') })).reqId;
  const accessOf = (reqId: string) =>
    receiver.waitForLog(
      ({ attributes }) => attributes['kind'] === 'access' && attributes['req_id'] === reqId,
    );

  /** What stands in the record's attributes: every field that has a value, but those that a record has a place for. */
  const fieldsOf = (line: LogLine): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(line).filter(
        ([name, value]) =>
          value !== null && !['level', 'time', 'msg', 'service', 'trace_id', 'span_id'].includes(name),
      ),
    );

  it('say the same as the log on stdout, and belong to the span of their request', async () => {
    const running = await start();
    const reqId = await ask(running);
    const [line, record] = await Promise.all([running.accessLine(reqId), accessOf(reqId)]);
    const server = await receiver.waitFor((spans) =>
      spans.find(({ name, service }) => name.startsWith('POST ') && service === 'throughline'),
    );
    expect(record).toMatchObject({
      body: 'POST /v1/chat/completions 200 completed',
      time: line['time'],
      severity: '9 info',
      traceId: line['trace_id'],
      spanId: line['span_id'],
      resource: server.resource,
    });
    expect(record.attributes).toEqual(fieldsOf(line));
    expect([record.traceId, record.spanId]).toEqual([server.traceId, server.spanId]);
  });

  it('have been sent when the gateway has ended, those that no request made too', async () => {
    const running = await start({ OTEL_BLRP_SCHEDULE_DELAY: '60000' });
    const reqId = await ask(running);
    await running.stop();
    const bodies = receiver.logs().map(({ body }) => body);
    expect(bodies).toContain(`ready on ${running.url}`);
    expect(receiver.logs().map(({ attributes }) => attributes['req_id'])).toContain(reqId);
  });

  it('hold no secret', async () => {
    const key = `sk-${'a1B2'.repeat(8)}`;
    const running = await start();
    const reqId = await ask(running, key);
    await accessOf(reqId);
    await running.stop();
    expect(receiver.logs().length).toBeGreaterThan(0);
    expect(JSON.stringify(receiver.logs())).not.toContain(key);
  });

  it('can go to an endpoint of their own, with no spans anywhere', async () => {
    const running = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: '',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${receiver.url}/v1/logs`,
    });
    await accessOf(await ask(running));
    await running.stop();
    expect(receiver.spans()).toEqual([]);
  });

  it.each<Record<string, string>>([{ OTEL_LOGS_EXPORTER: 'none' }, { OTEL_SDK_DISABLED: 'true' }])(
    'are not sent with %j',
    async (env) => {
      const running = await start(env);
      const reqId = await ask(running);
      await running.accessLine(reqId);
      await running.stop();
      expect(receiver.logs()).toEqual([]);
    },
  );

  it('cost nothing but a warning where nobody takes them', async () => {
    // Refused with 404, which no exporter tries again.
    const running = await start({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${receiver.url}/nowhere` });
    const warning = await running.waitForLog(({ msg }) => msg.startsWith('log records cannot be exported'));
    expect(warning).toMatchObject({
      level: 'warn',
      endpoint: `${receiver.url}/nowhere`,
      status: 404,
      lost: expect.any(Number),
    });
    const reqId = await ask(running);
    expect(await running.accessLine(reqId)).toMatchObject({ status_code: 200 });
    await running.stop();
    expect(running.log.filter(({ msg }) => msg.startsWith('log records cannot'))).toHaveLength(1);
    // The rest, once the gateway has ended.
    const [last] = running.log.filter(({ msg }) => msg.startsWith('log records were not exported'));
    expect(last).toMatchObject({ endpoint: `${receiver.url}/nowhere` });
    expect(Number(last?.['unsent'])).toBeGreaterThan(0);
  });
});
