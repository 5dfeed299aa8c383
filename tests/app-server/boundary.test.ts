import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { createSubmissions, type Submission } from '../../src/app-server/core/submissions.ts';
import { createThread, type ThreadSettings } from '../../src/app-server/core/thread.ts';
import { createTurn } from '../../src/app-server/core/turn.ts';
import { createDiagnostics } from '../../src/app-server/diagnostics.ts';
import { readEnvironment } from '../../src/app-server/environment.ts';
import { createEchoModel } from '../../src/app-server/model/echo/index.ts';
import { createModels } from '../../src/app-server/model/models.ts';
import type { RpcClient } from '../../src/app-server/rpc/client.ts';
import type { Handlers } from '../../src/app-server/rpc/request-boundary.ts';
import { createServer } from '../../src/app-server/server.ts';
import { createAppServerTelemetry, type InboundRequest } from '../../src/app-server/telemetry/index.ts';
import { newTrace } from './support.ts';

const diagnostics = createDiagnostics(() => undefined);

const createTraced = async () => {
  const exporter = new InMemorySpanExporter();
  const telemetry = await createAppServerTelemetry(readEnvironment({}), diagnostics, [
    new SimpleSpanProcessor({ exporter }),
  ]);
  return { exporter, telemetry };
};

/** The server in this process, with one more method, and a client that has said hello. */
const connect = async (handlers: Handlers) => {
  const { exporter, telemetry } = await createTraced();
  const models = createModels(createEchoModel({ wordDelayMs: 0, faults: false, exit: () => undefined }));
  const server = createServer({ telemetry, models, diagnostics, handlers });
  const sent: { id: number }[] = [];
  let arrived: () => void = () => undefined;
  const connection = server.connect('stdio', {
    write(message) {
      sent.push(JSON.parse(message));
      arrived();
    },
    ready: () => Promise.resolve(),
  });
  const call = (message: { id: number } & Record<string, unknown>) =>
    new Promise<unknown>((resolve) => {
      arrived = () => {
        const answer = sent.find(({ id }) => id === message.id);
        if (answer) resolve(answer);
      };
      connection.receive(JSON.stringify(message));
    });
  await call({ id: 1, method: 'initialize', params: { clientInfo: { name: 'jest', version: '1' } } });
  exporter.reset();
  return { call, exporter };
};

test('a new handler gets its span with no line of its own about it', async () => {
  const { call, exporter } = await connect({ 'weather/read': () => ({ sky: 'blue' }) });
  const { traceId, carrier, reqId } = newTrace(7);
  expect(await call({ id: 2, method: 'weather/read', trace: carrier })).toEqual({
    id: 2,
    result: { sky: 'blue' },
  });
  const [span] = exporter.getFinishedSpans();
  expect(span).toMatchObject({
    name: 'app_server.request',
    attributes: { 'rpc.method': 'weather/read', req_id: reqId },
  });
  expect(span?.spanContext().traceId).toBe(traceId);
});

test('a handler that fails is answered, without its words', async () => {
  const fail = () => {
    throw new RangeError('a secret');
  };
  const { call, exporter } = await connect({ 'weather/read': fail });
  expect(await call({ id: 2, method: 'weather/read' })).toEqual({
    id: 2,
    error: { code: -32603, message: 'Internal error' },
  });
  expect(exporter.getFinishedSpans()[0]?.attributes['error.type']).toBe('-32603');
});

const client = { connectionId: 'c' } as RpcClient;
const settings: ThreadSettings = {
  ephemeral: true,
  cwd: '/',
  instructions: '',
  tools: [],
  rawEvents: false,
  approvalPolicy: 'never',
  sandbox: 'read-only',
  originator: '',
  forkedFromId: null,
};

test('what is submitted inside a request carries the context of that request', async () => {
  const { exporter, telemetry } = await createTraced();
  const started = Promise.withResolvers<Submission>();
  const { submit } = createSubmissions({ telemetry, start: started.resolve, maxQueue: 1 });
  const thread = createThread(settings, 'm');
  const request = {
    kind: 'regular',
    input: [],
    model: undefined,
    effort: undefined,
    outputSchema: undefined,
  } as const;
  const { carrier, traceId } = newTrace(8);
  const inbound: InboundRequest = {
    id: 1,
    method: 'turn/start',
    known: true,
    carrier,
    transport: 'stdio',
    connectionId: 'c',
    client: undefined,
    threadId: undefined,
    turnId: undefined,
  };
  await telemetry.serveRequest(inbound, async () => {
    submit(thread, createTurn(thread.id, request, client));
    expect(() => submit(thread, createTurn(thread.id, request, client))).toThrow('Server overloaded');
    return { type: 'result', result: {}, threadId: undefined, turnId: undefined };
  });
  const { trace } = await started.promise;
  const [span] = exporter.getFinishedSpans();
  expect(trace?.traceparent).toBe(`00-${traceId}-${span?.spanContext().spanId}-01`);
  expect(trace?.tracestate).toBe(carrier.tracestate);
});
