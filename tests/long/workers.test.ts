import { isAlive } from '../support/backend-process.ts';
import { chat, frames, post, user } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { eventsOf, kindsOf, ownSpansOf, phaseCounts, spansOf } from '../support/records.ts';
import { untilGone } from '../support/until-gone.ts';

const MODEL = 'throughline-echo';

/** A stream whose head and first words are there. */
const openStream = async (gateway: GatewayProcess, content: string) => {
  const controller = new AbortController();
  const response = await post(
    `${gateway.url}/v1/chat/completions`,
    { model: MODEL, stream: true, messages: user(content) },
    { signal: controller.signal },
  );
  return { response, reqId: response.headers.get('x-request-id') ?? '', leave: () => controller.abort() };
};

const ask = (gateway: GatewayProcess, content: string, more: object = {}) =>
  chat(gateway.url, { model: MODEL, messages: user(content), ...more });

/** The processes of the workers, by what the mirror says. */
const workerPids = async (gateway: GatewayProcess): Promise<number[]> =>
  (await gateway.mirror())
    .flatMap((line) => (line.type === 'event' && line.kind === 'backend_start' ? [line.payload] : []))
    .map((payload) => (payload as { pid: number }).pid);

const outcomesOf = async (gateway: GatewayProcess, reqId: string) => {
  const [record] = await gateway.usageOf(reqId);
  const access = await gateway.accessLine(reqId);
  return { usage: record?.outcome, code: record?.error_code, access: access['outcome'] };
};

describe('two workers', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({ PROXY_WORKERS: '2', PROXY_INTERRUPT_TIMEOUT_MS: '300' });
  });
  afterAll(() => gateway?.remove());

  it('share the turns, and the death of one ends only its own', async () => {
    // The last call of the handshake, on each.
    await gateway.waitForMirror(
      (lines) => lines.filter((line) => line.type === 'span' && line.name === 'model/list').length === 2,
    );
    const streams = [await openStream(gateway, '/stall'), await openStream(gateway, '/stall')];
    const pids = await workerPids(gateway);
    expect(pids).toHaveLength(2);
    process.kill(pids[0] ?? Number.NaN, 'SIGKILL');
    const first = await Promise.race(
      streams.map(async (stream) => ({ stream, text: await stream.response.text() })),
    );
    expect(frames(first.text).at(-1)).toMatchObject({ error: { code: 'backend_exited' } });
    const { reqId } = first.stream;
    const other = streams.find((stream) => stream !== first.stream);
    expect(await outcomesOf(gateway, reqId)).toEqual({
      usage: 'backend_exit',
      code: 'backend_exited',
      access: 'backend_exit',
    });
    const exits = await gateway.waitForMirror((lines) => {
      const found = eventsOf(lines, reqId).filter(({ kind }) => kind === 'backend_exit');
      return found.length > 0 && found;
    });
    expect(exits).toMatchObject([{ payload: { signal: 'SIGKILL' } }]);
    expect(kindsOf(await gateway.mirror(), other?.reqId ?? '')).not.toContain('backend_exit');
    other?.leave();
    expect(await outcomesOf(gateway, other?.reqId ?? '')).toMatchObject({ usage: 'client_disconnect' });
  });

  it('of which one does not heed an interrupt replace that one, and serve on', async () => {
    const deaf = await openStream(gateway, '/deaf\n/stall');
    deaf.leave();
    const sick = await gateway.waitForLog(({ msg }) => msg.startsWith('the backend is sick'));
    expect(sick['reason']).toBe('a turn did not end after turn/interrupt within 300 ms');
    const { status } = await ask(gateway, 'still there?');
    expect(status).toBe(200);
    await gateway.waitForLog(({ msg }) => msg === 'the sick backend has ended');
    const exit = await gateway.waitForMirror((lines) =>
      lines.find(
        (line) =>
          line.type === 'event' &&
          line.kind === 'backend_exit' &&
          line.req_id === null &&
          JSON.stringify(line.payload).includes('did not end'),
      ),
    );
    const { pid } = (exit as { payload: unknown }).payload as { pid: number };
    expect(await untilGone(pid)).toBe(true);
    expect(await outcomesOf(gateway, deaf.reqId)).toMatchObject({ usage: 'client_disconnect' });
  });
});

describe('a client that leaves after a first call of the model', () => {
  it('has what was used by then recorded as partial', async () => {
    const gateway = await startGateway();
    try {
      const { reqId, leave } = await openStream(gateway, '/run echo hello\n/stall');
      await gateway.waitForMirror((lines) =>
        eventsOf(lines, reqId).some(({ payload }) => JSON.stringify(payload ?? null).includes('tokenUsage')),
      );
      leave();
      expect(await gateway.usageOf(reqId)).toMatchObject([
        {
          outcome: 'client_disconnect',
          usage_source: 'partial',
          usage: { total_tokens: expect.any(Number) },
        },
      ]);
      await gateway.waitForMirror((lines) =>
        spansOf(lines, reqId).some(({ name }) => name === 'turn/interrupt'),
      );
    } finally {
      await gateway.remove();
    }
  });
});

describe('a backend that stalls', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({ PROXY_FIRST_BYTE_TIMEOUT_MS: '400', PROXY_IDLE_TIMEOUT_MS: '800' });
  });
  afterAll(() => gateway?.remove());

  it('before its first word gives 504, and the span has the words of that limit', async () => {
    const { status, text, reqId } = await ask(gateway, '/wait 20000', { stream: true });
    expect(status).toBe(504);
    expect(JSON.parse(text).error).toMatchObject({
      type: 'timeout_error',
      code: 'backend_first_byte_timeout',
      message: expect.stringContaining('PROXY_FIRST_BYTE_TIMEOUT_MS'),
    });
    expect(await outcomesOf(gateway, reqId)).toEqual({
      usage: 'timeout',
      code: 'backend_first_byte_timeout',
      access: 'timeout',
    });
    await gateway.waitForMirror((all) => phaseCounts(all, reqId).usage_summary);
    const lines = await gateway.mirror();
    const io = ownSpansOf(lines, reqId).find(({ name }) => name === 'backend_io');
    expect(io?.otlp.status).toMatchObject({
      message: expect.stringContaining('PROXY_FIRST_BYTE_TIMEOUT_MS'),
    });
    await gateway.waitForMirror((all) => spansOf(all, reqId).some(({ name }) => name === 'turn/interrupt'));
  });

  it('after its first words ends the stream with an event that has the words of that limit', async () => {
    const { response, reqId } = await openStream(gateway, '/stall');
    expect(frames(await response.text()).at(-1)).toMatchObject({
      error: { code: 'backend_idle_timeout', message: expect.stringContaining('PROXY_IDLE_TIMEOUT_MS') },
    });
    expect(await outcomesOf(gateway, reqId)).toEqual({
      usage: 'timeout',
      code: 'backend_idle_timeout',
      access: 'timeout',
    });
    expect(kindsOf(await gateway.mirror(), reqId)).not.toContain('client_sse_done');
  });
});

describe('a backend that cannot be had', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({ PROXY_MAX_RESTARTS: '1', PROXY_CONNECT_TIMEOUT_MS: '5000' });
  });
  afterAll(() => gateway?.remove());

  const kill = async (): Promise<void> => {
    const pid = (await workerPids(gateway)).at(-1) ?? Number.NaN;
    process.kill(pid, 'SIGKILL');
    expect(await untilGone(pid)).toBe(true);
  };

  it('ends a request that has no word yet with 502, and is there for the next one that waits', async () => {
    const asked = ask(gateway, '/wait 20000');
    await gateway.waitForMirror((lines) =>
      lines.some(
        (line) => line.type === 'event' && JSON.stringify(line.payload ?? null).includes('turn/started'),
      ),
    );
    await kill();
    const { status, text } = await asked;
    expect([status, JSON.parse(text).error.code]).toEqual([502, 'backend_exited']);
    expect((await ask(gateway, 'again')).status).toBe(200);
  });

  it('too often is refused at once, and the client is told when to come back', async () => {
    await kill();
    await gateway.waitForLog(({ msg }) => msg.includes('PROXY_MAX_RESTARTS'));
    const { status, text, headers, reqId } = await ask(gateway, 'hello');
    expect(status).toBe(503);
    expect(JSON.parse(text).error).toMatchObject({ code: 'backend_unavailable' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(5);
    expect(await outcomesOf(gateway, reqId)).toMatchObject({ usage: 'overloaded', access: 'overloaded' });
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(503);
  });
});

describe('a backend that does not take the turn', () => {
  it('gives 504 once the time for that is over, and is replaced', async () => {
    const gateway = await startGateway({
      PROXY_CONNECT_TIMEOUT_MS: '2000',
      PROXY_INTERRUPT_TIMEOUT_MS: '300',
    });
    try {
      const [pid = Number.NaN] = await workerPids(gateway);
      process.kill(pid, 'SIGSTOP');
      const { status, text } = await ask(gateway, 'hello');
      expect([status, JSON.parse(text).error.code]).toEqual([504, 'backend_connect_timeout']);
      await gateway.waitForLog(({ msg }) => msg === 'the backend is ready again');
      expect((await ask(gateway, 'again')).status).toBe(200);
      expect(await untilGone(pid)).toBe(true);
      expect(isAlive(pid)).toBe(false);
    } finally {
      await gateway.remove();
    }
  });
});
