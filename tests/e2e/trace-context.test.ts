import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { chat, user } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { type Loopback, listenOnLoopback, readJson } from '../support/loopback.ts';

const TRACE = '12345678901234567890123456789012';
const PARENT = '1234567890123456';
const VALID = `00-${TRACE}-${PARENT}-01`;

/** A model server that keeps the headers of each model call. */
const createUpstream = (calls: IncomingHttpHeaders[]): Promise<Loopback> =>
  listenOnLoopback((request, response) => {
    if (request.url === '/v1/models') return void response.end(JSON.stringify({ data: [{ id: 'm' }] }));
    calls.push(request.headers);
    void readJson(request).then(() => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const choice of [{ delta: { content: 'hi' } }, { delta: {}, finish_reason: 'stop' }])
        response.write(`data: ${JSON.stringify({ choices: [choice] })}\n\n`);
      response.end('data: [DONE]\n\n');
    });
  });

/**
 * The cases of the validation service of the W3C's specification, and ours beside them: what a client sends, as header lines, and what the
 * model call behind gateway and app-server has. Its `tracestate` begins with our member, which is left out here.
 */
type Case = [what: string, sent: [name: string, value: string][], got: { joined: boolean; others: string[] }];

const parent = (value: string, joined: boolean): Case => [
  JSON.stringify(value),
  [['traceparent', value]],
  { joined, others: [] },
];
const state = (values: string | string[], others: string[]): Case => [
  JSON.stringify(values).slice(0, 70),
  [['traceparent', VALID], ...[values].flat().map((value): [string, string] => ['tracestate', value])],
  { joined: true, others },
];
const named = (name: string, value: string, joined: boolean, others: string[] = []): Case => [
  `${name}: ${value}`,
  name.toLowerCase().includes('parent')
    ? [[name, value]]
    : [
        ['traceparent', VALID],
        [name, value],
      ],
  { joined, others },
];

const KEY_CHARS = 'abcdefghijklmnopqrstuvwxyz0123456789_-*/';
const VALUE_CHARS = String.fromCharCode(...Array.from({ length: 0x5f }, (_, index) => 0x20 + index)).replace(
  /[,=]/g,
  '',
);
const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `bar${index + 1}=${index + 1}`);
const long = (key: string, chars: number): string => `${key}=${'v'.repeat(chars - key.length - 1)}`;

const TRACEPARENTS: Case[] = [
  ['no headers', [], { joined: false, others: [] }],
  parent(VALID, true),
  [
    'two of them',
    [
      ['traceparent', VALID],
      ['traceparent', VALID],
    ],
    { joined: false, others: [] },
  ],
  ...['trace-parent', 'trace.parent'].map((name) => named(name, VALID, false)),
  ...['TraceParent', 'TrAcEpArEnT', 'TRACEPARENT'].map((name) => named(name, VALID, true)),
  ...['.', '-what-the-future-will-be-like'].map((end) => parent(`${VALID}${end}`, false)),
  parent(`cc-${TRACE}-${PARENT}-01`, true),
  parent(`cc-${TRACE}-${PARENT}-01-what-the-future-will-be-like`, true),
  parent(`cc-${TRACE}-${PARENT}-01.what-the-future-will-be-like`, false),
  ...['ff', '.0', '0.', '000', '0000', '0', 'FF'].map((version) =>
    parent(`${version}-${TRACE}-${PARENT}-01`, false),
  ),
  ...[
    '0'.repeat(32),
    `.${TRACE.slice(1)}`,
    `${TRACE.slice(1)}.`,
    `${TRACE}3`,
    TRACE.slice(1),
    'A'.repeat(32),
  ].map((id) => parent(`00-${id}-${PARENT}-01`, false)),
  ...['0'.repeat(16), `.${PARENT.slice(1)}`, `${PARENT.slice(1)}.`, `${PARENT}7`, PARENT.slice(1)].map((id) =>
    parent(`00-${TRACE}-${id}-01`, false),
  ),
  ...['.0', '0.', '001', '1'].map((flags) => parent(`00-${TRACE}-${PARENT}-${flags}`, false)),
  ...[' *', '\t*', '* ', '*\t', '\t * \t'].map((around) => parent(around.replace('*', VALID), true)),
];

const TRACESTATES: Case[] = [
  ['a state without a parent', [['tracestate', 'foo=1']], { joined: false, others: [] }],
  state('foo=1,bar=2', ['foo=1', 'bar=2']),
  ...['trace-state', 'trace.state'].map((name) => named(name, 'foo=1', true)),
  ...['TraceState', 'TrAcEsTaTe', 'TRACESTATE'].map((name) => named(name, 'foo=1', true, ['foo=1'])),
  state('', []),
  state(['foo=1', ''], ['foo=1']),
  state(['', 'foo=1'], ['foo=1']),
  state(['foo=1,bar=2', 'rojo=1,congo=2', 'baz=3'], ['foo=1', 'bar=2', 'rojo=1', 'congo=2', 'baz=3']),
  state('foo=1,foo=1', ['foo=1']),
  state('foo=1,foo=2', ['foo=1']),
  state(['foo=1', 'foo=2'], ['foo=1']),
  state(`${KEY_CHARS}=${VALUE_CHARS}`, [`${KEY_CHARS}=${VALUE_CHARS}`]),
  state(`${KEY_CHARS}@a-z0-9_-*/=${VALUE_CHARS}`, [`${KEY_CHARS}@a-z0-9_-*/=${VALUE_CHARS}`]),
  state('foo=1 \t , \t bar=2, \t baz=3', ['foo=1', 'bar=2', 'baz=3']),
  ...[' *', '\t*', '* ', '*\t', '\t * \t'].map((around) => state(around.replace('*', 'foo=1'), ['foo=1'])),
  ...['foo =1', 'FOO=1', 'foo.bar=1', '@foo=1,bar=2', '=1', 'foo'].map((bad) => state(bad, [])),
  ...['foo@=1,bar=2', 'foo@@bar=1,bar=2', 'foo@bar@baz=1,bar=2'].map((good) => state(good, good.split(','))),
  // Ours is one of the 32 that may go on, so one of theirs goes.
  state(numbered(32), numbered(31)),
  state(numbered(33), []),
  state(['foo=1', `${'z'.repeat(256)}=1`], ['foo=1', `${'z'.repeat(256)}=1`]),
  state(['foo=1', `${'z'.repeat(257)}=1`], []),
  ...[`${'t'.repeat(241)}@${'v'.repeat(14)}`, `${'t'.repeat(242)}@v`, `t@${'v'.repeat(15)}`].map((key) =>
    state(['foo=1', `${key}=1`], ['foo=1', `${key}=1`]),
  ),
  ...['foo=bar=baz', 'foo=,bar=3', 'foo=1,bar', 'foo=é'].map((bad) => state(bad, [])),
  state(`foo=${'v'.repeat(257)}`, []),
  // Over 512 characters with ours: large members go first, from the end, then small ones from the end.
  state(
    [long('a', 200), 'b=1', long('c', 200), 'd=1', long('e', 200)],
    [long('a', 200), 'b=1', long('c', 200), 'd=1'],
  ),
  state(
    Array.from({ length: 6 }, (_, index) => long(`k${index}`, 100)),
    [0, 1, 2, 3].map((index) => long(`k${index}`, 100)),
  ),
  state('throughline=forged,foo=1', ['foo=1']),
];

describe('the trace context that comes with a request', () => {
  const calls: IncomingHttpHeaders[] = [];
  let upstream: Loopback;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    upstream = await createUpstream(calls);
    gateway = await startGateway({ PROXY_UPSTREAM_URL: `${upstream.url}/v1` });
  });
  afterAll(async () => {
    await gateway?.remove();
    await upstream?.close();
  });

  /** Asks with these header lines, as they are, and gives the request id and what the model call had. */
  const ask = async (lines: readonly [string, string][]) => {
    const body = JSON.stringify({ model: 'm', messages: user('hi') });
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    const fields: [string, string][] = [
      ['host', hostname],
      ['connection', 'close'],
      ['content-type', 'application/json'],
      ['content-length', String(body.length)],
      ...lines,
    ];
    const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\n${head}\r\n${body}`, 'utf8');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    await once(socket, 'close');
    const reqId = /x-request-id: (\S+)/i.exec(answer)?.[1] ?? answer;
    const [traceparent, tracestate] = [calls.at(-1)?.['traceparent'], calls.at(-1)?.['tracestate']].map(
      String,
    );
    return { reqId, traceparent: traceparent ?? '', tracestate: tracestate ?? '' };
  };

  it.each([...TRACEPARENTS, ...TRACESTATES])('%s', async (_what, lines, { joined, others }) => {
    const { reqId, traceparent, tracestate } = await ask(lines);
    expect(traceparent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[13]$/);
    expect(traceparent.includes(PARENT, 36)).toBe(false);
    expect({ joined: traceparent.includes(TRACE) }).toEqual({ joined });
    expect(tracestate.split(',')).toEqual([`throughline=${reqId}`, ...others]);
    expect(tracestate.length).toBeLessThanOrEqual(512);
  });

  it.each([
    ['02', '03'],
    ['03', '03'],
    ['00', '01'],
    ['01', '01'],
    ['ff', '03'],
  ])('has the flags %s, and goes on with %s: sampled by us, and as random as it was', async (sent, got) => {
    const { traceparent } = await ask([['traceparent', `00-${TRACE}-${PARENT}-${sent}`]]);
    expect(traceparent.slice(-2)).toBe(got);
  });

  it('goes on within 512 characters also behind the longest request id, which no list pushes out', async () => {
    const reqId = 'r'.repeat(128);
    const list = Array.from({ length: 5 }, (_, index) => long(`k${index}`, 100)).join(',');
    const { tracestate } = await ask([
      ['x-request-id', reqId],
      ['traceparent', VALID],
      ['tracestate', list],
    ]);
    const [own, ...others] = tracestate.split(',');
    expect(own).toBe(`throughline=${reqId}`);
    expect(others).toEqual([0, 1, 2].map((index) => long(`k${index}`, 100)));
  });

  it('says on the trace that a list was discarded, and nothing of an empty one', async () => {
    const warnings = async (value: string) => {
      const { reqId } = await ask([
        ['traceparent', VALID],
        ['tracestate', value],
      ]);
      await gateway.usageOf(reqId);
      const lines = await gateway.mirror();
      return lines.flatMap((line) =>
        line.type === 'event' && line.req_id === reqId && line.kind === null ? [line.name] : [],
      );
    };
    expect(await warnings('foo=1,Bad=2')).toEqual(['throughline.tracestate.invalid']);
    expect(await warnings('')).toEqual([]);
  });
});

it('leaves no span of the app-server without the request id, however long the list was', async () => {
  const gateway = await startGateway();
  try {
    const list = Array.from({ length: 6 }, (_, index) => long(`k${index}`, 100)).join(',');
    const headers = { traceparent: VALID, tracestate: list };
    const { reqId } = await chat(
      gateway.url,
      { model: 'throughline-echo', messages: user('hi') },
      { headers },
    );
    await gateway.waitForMirror((lines) =>
      lines.some(
        ({ type, req_id, ...line }) =>
          type === 'span' && req_id === reqId && 'name' in line && line.name === 'model_request',
      ),
    );
  } finally {
    await gateway.remove();
  }
});
