import { initialize, runTurn, startThread } from './conversation.ts';
import { exportTo, mirrorTo, newTrace, startAppServer, withReceiver } from './support.ts';

const talk = async (env: Record<string, string>, flags: string) => {
  const server = startAppServer({ env });
  const { carrier } = newTrace(1, flags);
  await initialize(server, carrier);
  const ran = await runTurn(server, await startThread(server, {}, carrier), 'hello', {}, carrier);
  expect(ran.text).toBe('You said: hello');
  return server;
};

test('the exporter gets what the parent has sampled, and the mirror gets everything, with true flags', async () => {
  await withReceiver((exported) =>
    withReceiver(async (mirrored) => {
      const env = { ...exportTo(exported), ...mirrorTo(mirrored) };
      await (await talk(env, '00')).close();
      expect(exported.spans()).toEqual([]);
      expect(mirrored.spans().length).toBe(7);
      expect(mirrored.spans().map(({ otlp }) => (otlp.flags ?? 0) & 1)).toEqual(Array(7).fill(0));
      mirrored.reset();
      await (await talk(env, '01')).close();
      const ids = (spans: { spanId: string }[]) => spans.map(({ spanId }) => spanId).sort();
      expect(ids(exported.spans()).length).toBe(7);
      expect(ids(exported.spans())).toEqual(ids(mirrored.spans()));
    }),
  );
});

test('the mirror has a turn within moments of its end, not only when the process ends', async () => {
  await withReceiver(async (mirrored) => {
    const server = await talk(mirrorTo(mirrored), '01');
    await mirrored.waitFor((spans) => spans.some(({ name }) => name === 'app_server.turn'));
    await server.close();
  });
});

test.each([
  ['OTEL_SDK_DISABLED', { OTEL_SDK_DISABLED: 'true' }],
  ['OTEL_TRACES_EXPORTER', { OTEL_TRACES_EXPORTER: 'none' }],
])('%s stops the export, and not the mirror', async (_name, off) => {
  await withReceiver((exported) =>
    withReceiver(async (mirrored) => {
      await (await talk({ ...exportTo(exported), ...mirrorTo(mirrored), ...off }, '01')).close();
      expect(exported.spans()).toEqual([]);
      expect(mirrored.spans().length).toBe(7);
    }),
  );
});

test('the standard variables name the endpoint, the service and the resource', async () => {
  await withReceiver(async (receiver) => {
    const env = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces`,
      OTEL_SERVICE_NAME: 'mine',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    };
    await (await talk(env, '01')).close();
    const [span] = receiver.spans();
    expect(span?.resource).toMatchObject({ 'service.name': 'mine', 'deployment.environment.name': 'test' });
  });
});

test('a protocol that is not spoken is warned about, and a destination that is gone holds nothing up', async () => {
  const gone = 'http://127.0.0.1:1';
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: gone,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    THROUGHLINE_MIRROR_OTLP_ENDPOINT: gone,
  };
  const server = await talk(env, '01');
  expect(await server.close()).toEqual({ code: 0, signal: null });
  const said = server.diagnostics.map(({ msg }) => String(msg));
  expect(said).toContainEqual(expect.stringContaining('OTEL_EXPORTER_OTLP_PROTOCOL'));
  expect(said).toContainEqual(expect.stringContaining('mirror: spans dropped'));
});

test('with no destination at all everything works, and a trace is still passed on to nobody', async () => {
  expect(await (await talk({}, '01')).close()).toEqual({ code: 0, signal: null });
});
