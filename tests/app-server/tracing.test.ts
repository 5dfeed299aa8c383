import { buildTree, drawTree, type ReceivedSpan } from '../support/otlp-spans.ts';
import { beginTurn, endOfTurn, initialize, runTurn, startThread } from './conversation.ts';
import { durationOf, named, requestOf, spansOf } from './spans.ts';
import { newTrace } from './support.ts';
import { TRANSPORTS } from './wires.ts';

describe.each(TRANSPORTS)('over %s', (transport) => {
  const old = { stdio: 'stdio', websocket: 'websocket' }[transport];
  const network = { stdio: 'pipe', websocket: 'tcp' }[transport];

  test('the carrier of the envelope is the parent, and its request id is on the span', async () => {
    const { traceId, reqId, carrier } = newTrace(1);
    const spans = await spansOf({ transport }, async (server) => {
      await initialize(server, carrier);
      await startThread(server, {}, carrier);
    });
    const first = requestOf(spans, 'initialize');
    expect(first).toMatchObject({
      kind: 'SERVER',
      status: 'UNSET',
      traceId,
      parentSpanId: '00000000000000b1',
    });
    expect(first.service).toBe('throughline-app-server');
    const attributes = {
      'rpc.system': 'jsonrpc',
      'rpc.system.name': 'jsonrpc',
      'rpc.service': 'codex-app-server',
      'rpc.method': 'initialize',
      'rpc.transport': old,
      'network.transport': network,
      'rpc.request_id': '1',
      'jsonrpc.request.id': '1',
      'app_server.connection_id': expect.any(String),
      'app_server.api_version': 'v2',
      'app_server.client_name': 'jest',
      'app_server.client_version': '9.9',
      req_id: reqId,
    };
    expect(first.attributes).toEqual(attributes);
    expect(requestOf(spans, 'thread/start').attributes).toEqual({
      ...attributes,
      'rpc.method': 'thread/start',
      'rpc.request_id': '2',
      'jsonrpc.request.id': '2',
      'app_server.connection_id': first.attributes['app_server.connection_id'],
      'app_server.thread_id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test.each([
    ['a malformed traceparent', { traceparent: '00-xyz-b1-01' }, 'traceparent is malformed'],
    [
      'a trace id of zeros',
      { traceparent: `00-${'0'.repeat(32)}-00000000000000b1-01` },
      'traceparent is malformed',
    ],
    ['a number', { traceparent: 7 }, 'traceparent is not a string'],
    ['no object', 'abc', 'trace is not an object'],
  ])('%s is warned about and ignored', async (_name, carrier, problem) => {
    let warnings: unknown[] = [];
    const spans = await spansOf({ transport }, async (server) => {
      await initialize(server, carrier);
      warnings = await server.until(() => {
        const found = server.diagnostics.filter(({ level }) => level === 'warn');
        return found.length > 0 && found;
      });
    });
    const span = requestOf(spans, 'initialize');
    expect(span.parentSpanId).toBeUndefined();
    expect(span.events).toEqual([{ name: 'app_server.invalid_trace_carrier', attributes: { problem } }]);
    expect(warnings).toMatchObject([{ msg: 'a trace carrier is ignored', problem }]);
  });

  test('without a carrier the environment gives the parent, and an envelope wins over it', async () => {
    const inherited = newTrace(1);
    const own = newTrace(2);
    const env = {
      TRACEPARENT: String(inherited.carrier.traceparent),
      TRACESTATE: String(inherited.carrier.tracestate),
    };
    const spans = await spansOf({ transport, env }, async (server) => {
      await initialize(server);
      await server.get('model/list', {}, own.carrier);
      await server.get('config/read', {}, 'broken');
    });
    for (const method of ['initialize', 'config/read']) {
      const { traceId, attributes, parentSpanId } = requestOf(spans, method);
      expect([traceId, attributes.req_id, parentSpanId]).toEqual([
        inherited.traceId,
        inherited.reqId,
        '00000000000000b1',
      ]);
    }
    expect(requestOf(spans, 'model/list').traceId).toBe(own.traceId);
  });

  test('a turn has its spans below its request: dispatch, the long turn, and the work', async () => {
    const { traceId, reqId, carrier } = newTrace(3);
    const answer = () => ({
      result: { contentItems: [{ type: 'inputText', text: 'sunny' }], success: true },
    });
    const spans = await spansOf({ transport, answer }, async (server) => {
      await initialize(server);
      const dynamicTools = [{ type: 'function', name: 'weather', description: '', inputSchema: {} }];
      const threadId = await startThread(server, { dynamicTools });
      await runTurn(server, threadId, '/tool weather {}\n/wait 60', {}, carrier);
    });
    const mine = spans.filter((span) => span.traceId === traceId);
    expect(drawTree(buildTree(mine)).replaceAll(' throughline-app-server', '')).toBe(
      [
        'app_server.request [SERVER]',
        '  app_server.dispatch [INTERNAL]',
        '    app_server.turn [INTERNAL]',
        '      run_turn [INTERNAL]',
        '        model_request [INTERNAL]',
        '        execute_tool weather [INTERNAL]',
        '        model_request [INTERNAL]',
        '',
      ].join('\n'),
    );
    expect(mine.map(({ attributes }) => attributes.req_id)).toEqual(mine.map(() => reqId));
    const request = requestOf(mine, 'turn/start');
    const [turn] = named(mine, 'app_server.turn');
    const ids = (span: ReceivedSpan | undefined) => [
      span?.attributes['app_server.thread_id'],
      span?.attributes['app_server.turn_id'],
    ];
    expect(ids(request)).toEqual(ids(turn));
    expect(turn).toMatchObject({
      status: 'UNSET',
      attributes: { 'app_server.turn_kind': 'regular', 'app_server.turn_status': 'completed' },
    });
    expect(durationOf(turn as ReceivedSpan)).toBeGreaterThan(60);
    expect(durationOf(request)).toBeLessThan(durationOf(turn as ReceivedSpan));
  });

  test('a secret in the name of a tool does not leave', async () => {
    const secret = 'sk-proj-Q7zXkVbN3mPw8RtYsAAA111';
    const answer = () => ({ result: { contentItems: [], success: true } });
    const spans = await spansOf({ transport, answer }, async (server) => {
      await initialize(server);
      const threadId = await startThread(server, {
        dynamicTools: [{ type: 'function', name: secret, description: '', inputSchema: {} }],
      });
      await runTurn(server, threadId, `/tool ${secret} {}`, {}, newTrace(9).carrier);
    });
    expect(spans.map(({ name }) => name)).toContainEqual(expect.stringMatching(/^execute_tool /));
    expect(JSON.stringify(spans)).not.toContain(secret);
  });

  test('a turn span ends with the turn, however that ends', async () => {
    const traces = [4, 5].map((index) => newTrace(index));
    const spans = await spansOf({ transport }, async (server) => {
      await initialize(server);
      const threadId = await startThread(server);
      const turnId = await beginTurn(server, threadId, '/stall', {}, traces[0]?.carrier);
      await server.get('turn/interrupt', { threadId, turnId });
      await endOfTurn(server, turnId);
      await runTurn(server, threadId, '/fail rateLimitExceeded', {}, traces[1]?.carrier);
    });
    const below = (name: string, index: number) =>
      named(spans, name).filter((span) => span.traceId === traces[index]?.traceId);
    const interrupted = { status: 'UNSET', attributes: { 'app_server.turn_status': 'interrupted' } };
    expect(below('app_server.turn', 0)).toMatchObject([interrupted]);
    expect(below('model_request', 0)).toMatchObject([{ status: 'UNSET' }]);
    const failed = { 'app_server.turn_status': 'failed', 'error.type': 'rateLimitExceeded' };
    expect(below('app_server.turn', 1)).toMatchObject([{ status: 'ERROR', attributes: failed }]);
    expect(below('model_request', 1)).toMatchObject([
      { status: 'ERROR', attributes: { 'error.type': 'rateLimitExceeded' } },
    ]);
  });

  test('fifty turns at once each stay in their own trace', async () => {
    const traces = Array.from({ length: 50 }, (_, index) => newTrace(index));
    const spans = await spansOf({ transport }, async (server) => {
      await initialize(server);
      await Promise.all(
        traces.map(async ({ carrier, reqId }, index) => {
          const threadId = await startThread(server, {}, carrier);
          const ran = await runTurn(
            server,
            threadId,
            `/think of ${reqId}\n/run echo ${index}\n${reqId}`,
            {},
            carrier,
          );
          expect(ran.text).toBe(`The tool shell answered: ${index}`);
        }),
      );
    });
    for (const { traceId, reqId } of traces) {
      const mine = spans.filter((span) => span.traceId === traceId);
      expect(mine.length).toBe(8);
      expect(mine.every(({ attributes }) => attributes.req_id === reqId)).toBe(true);
      const turns = new Set(mine.map(({ attributes }) => attributes['app_server.turn_id']).filter(Boolean));
      expect(turns.size).toBe(1);
    }
  });
});
