import { chat, user } from '../support/chat.ts';
import { type GatewayProcess, type LogLine, startGateway } from '../support/gateway.ts';
import { createOtlpReceiver } from '../support/otlp-receiver.ts';
import { phaseCounts } from '../support/records.ts';

const QUEUE = 40;

const ownSpans = (lines: Awaited<ReturnType<GatewayProcess['mirror']>>) =>
  lines.filter((line) => line.type === 'span' && line.service === 'throughline');

const linesOf = (gateway: GatewayProcess, message: string): LogLine[] =>
  gateway.log.filter(({ msg }) => msg.startsWith(message));

test('a collector that goes away and comes back costs no request, one line each way, and only counted spans', async () => {
  const receiver = await createOtlpReceiver();
  const gateway = await startGateway({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    // Long enough for a collector that is there, on a machine that has much else to do.
    OTEL_EXPORTER_OTLP_TIMEOUT: '3000',
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_BSP_MAX_QUEUE_SIZE: String(QUEUE),
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '20',
  });
  const ask = () =>
    chat(gateway.url, { model: 'throughline-echo', stream: true, messages: user('/say hello there') });
  let back: typeof receiver | undefined;
  try {
    await ask();
    await receiver.waitFor((spans) => spans.some(({ name }) => name === 'usage_summary'));
    await receiver.close();

    const during = await Promise.all(Array.from({ length: 40 }, ask));
    expect(during.map(({ status }) => status)).toEqual(during.map(() => 200));
    const [{ reqId } = { reqId: '' }] = during;
    await gateway.waitForLog(({ msg }) => msg.startsWith('spans cannot be exported'));
    await gateway.waitForMirror((lines) =>
      during.every((one) => phaseCounts(lines, one.reqId).usage_summary),
    );
    expect(phaseCounts(await gateway.mirror(), reqId)).toMatchObject({ http_ingress: 1, client_egress: 1 });

    back = await createOtlpReceiver({ port: Number(new URL(receiver.url).port) });
    await ask();
    const { lost } = await gateway.waitForLog(({ msg }) => msg.startsWith('spans are exported again'));
    const after = await ask();
    await back.waitFor((spans) => spans.some(({ attributes }) => attributes['req_id'] === after.reqId));

    await gateway.stop();
    const exported = [...receiver.spans(), ...back.spans()].filter(
      ({ resource }) => resource['service.name'] === 'throughline',
    );
    expect(exported.length + Number(lost)).toBe(ownSpans(await gateway.mirror()).length);
    expect(Number(lost)).toBeGreaterThan(during.length * 5 - 2 * QUEUE);
    expect(linesOf(gateway, 'spans cannot be exported')).toHaveLength(1);
    expect(linesOf(gateway, 'spans are exported again')).toHaveLength(1);
    expect(linesOf(gateway, 'OpenTelemetry')).toEqual([]);
  } finally {
    await gateway.remove();
    await Promise.all([receiver.close(), back?.close()]);
  }
});

test('a collector that stays away delays neither a request nor the end of the process for long', async () => {
  const receiver = await createOtlpReceiver();
  const { url } = receiver;
  await receiver.close();
  const gateway = await startGateway({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    OTEL_LOG_LEVEL: 'debug',
  });
  try {
    const { status, reqId } = await chat(gateway.url, {
      model: 'throughline-echo',
      messages: user('/say hello'),
    });
    expect(status).toBe(200);
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
    const lines = await gateway.mirror();
    const told = [
      ...linesOf(gateway, 'spans cannot be exported').map(({ lost }) => Number(lost)),
      ...linesOf(gateway, 'spans were not exported').map(({ unsent }) => Number(unsent)),
    ];
    expect(told.reduce((sum, count) => sum + count)).toBe(ownSpans(lines).length);
    expect(phaseCounts(lines, reqId)).toMatchObject({ usage_summary: 1 });
    expect(linesOf(gateway, 'OpenTelemetry').length).toBeLessThanOrEqual(10);
  } finally {
    await gateway.remove();
  }
});
