import { printable } from '../../src/telemetry/printable.ts';
import { createLogFolder, type LogFolder } from '../timeline/log-folder.ts';
import { createMirrorBuilder, toNdjson } from '../timeline/mirror-builder.ts';
import { receive, serve, submit } from '../timeline/request-steps.ts';
import { failure, streamedChat } from '../timeline/requests.ts';
import { runTrace } from './run-trace.ts';

const REQ_ID = 'req_5d2c1f0a9b3e';
const ESCAPE = '\u001b';

const eventRows = (stdout: string): string[] =>
  stdout.split('\n').filter((row) => /^ *[+-][\d.]+ms /.test(row));

describe('throughline trace', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
    await logs.record(streamedChat());
  });
  afterEach(() => logs.remove());

  it('reads mirror and usage log without being told where, and the access log when told', async () => {
    const without = await runTrace(logs, ['--req-id', REQ_ID]);
    expect(without.stdout).toMatch(/proto +client_egress +client_sse +"Because"\n/);
    expect(without.stdout).toMatch(/usage +usage_summary +usage +200 completed/);
    expect(without.stdout).not.toMatch(/ access /);
    const withAccess = await runTrace(logs, ['--req-id', REQ_ID, '--access-log', logs.accessLog]);
    expect(eventRows(withAccess.stdout)).toHaveLength(eventRows(without.stdout).length + 1);
    expect([without.exitCode, without.stderr]).toEqual([0, '']);
  });

  it.each([[[]], [['--last']]])('shows the newest request where none is named: %j', async (args) => {
    const newer = createMirrorBuilder({ reqId: 'req_00000000beef', startMs: 60_000 });
    receive(newer);
    serve(newer);
    // The one that began last is not the one whose lines stand last.
    const older = streamedChat();
    await logs.record({ ...older, proto: [...newer.lines, ...older.proto] });
    const { exitCode, stdout } = await runTrace(logs, args);
    expect([exitCode, stdout.split(' ')[0]]).toEqual([0, 'req_00000000beef']);
  });

  it('shows a request that was refused before its sender was known, where that is the newest', async () => {
    const refused = createMirrorBuilder({ reqId: 'req_00000000dead', startMs: 90_000 });
    receive(refused);
    serve(refused);
    await logs.write('proto.refused.ndjson', toNdjson(refused.lines));
    const { exitCode, stdout } = await runTrace(logs, ['--last']);
    expect([exitCode, stdout.split(' ')[0]]).toEqual([0, 'req_00000000dead']);
  });

  it('shows the request that ended last where there is no mirror', async () => {
    const { usage } = streamedChat();
    await logs.record({ proto: [], usage, access: [] });
    const { exitCode, stdout } = await runTrace(logs, ['--last']);
    expect([exitCode, stdout.split(' ')[0]]).toEqual([0, REQ_ID]);
  });

  it('takes the request id without an option as well', async () => {
    expect(await runTrace(logs, [REQ_ID])).toEqual(await runTrace(logs, ['--req-id', REQ_ID]));
  });

  it('reads the files that it is pointed to', async () => {
    await logs.move('proto.ndjson', 'elsewhere.ndjson');
    await logs.move('usage.ndjson', 'tokens.ndjson');
    const files = ['--proto-log', logs.path('elsewhere.ndjson'), '--usage-log', logs.path('tokens.ndjson')];
    expect(await runTrace(logs, ['--req-id', REQ_ID, ...files])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each([
    [
      ['--phase', 'usage_summary'],
      ['proto usage_summary usage', 'usage usage_summary usage'],
    ],
    [
      ['--kind', 'client_request,client_sse_done'],
      ['proto http_ingress client_request', 'proto client_egress client_sse_done'],
    ],
    [
      ['--kind', 'usage', '--kind', 'client_request'],
      ['proto http_ingress client_request', 'proto usage_summary usage', 'usage usage_summary usage'],
    ],
    [['--phase', 'http_ingress', '--kind', 'usage'], []],
  ])('shows with %j those events alone', async (filter, expected) => {
    const { stdout } = await runTrace(logs, ['--req-id', REQ_ID, ...filter]);
    const shown = eventRows(stdout).map((row) => row.trim().split(/ +/).slice(1, 4).join(' '));
    expect(shown).toEqual(expected);
  });

  it('prints one JSON document', async () => {
    const { stdout } = await runTrace(logs, ['--req-id', REQ_ID, '--json', '--phase', 'client_egress']);
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual(['req_id', 'attempts', 'spans', 'entries', 'notes']);
    expect(document.attempts).toMatchObject([
      { attempt: 1, outcome: 'completed', duration_ms: 1182.4, usage: { total_tokens: 170 } },
    ]);
    expect(document.spans).toMatchObject([{ name: 'POST /v1/chat/completions', children: { length: 5 } }]);
    expect(document.entries[0]).toMatchObject({
      source: 'proto',
      phase: 'client_egress',
      kind: 'client_sse',
      since_start_ms: 412.4,
      payload: { choices: [{ delta: { content: 'Because' } }] },
      line: { type: 'event', seq: 11 },
    });
  });

  it('shows every span of a backend that makes hundreds in JSON, and its outline on the terminal', async () => {
    const mirror = createMirrorBuilder();
    receive(mirror);
    submit(mirror);
    const codex = { reqId: null, service: 'codex', from: 30, to: 40 } as const;
    for (let index = 0; index < 120; index++)
      mirror.span({ ...codex, name: 'poll', id: `p${index}`, parent: 'turn/start' });
    for (let index = 0; index < 60; index++)
      mirror.span({ ...codex, name: `step ${index}`, id: `s${index}`, parent: 'turn/start' });
    serve(mirror);
    await logs.record({ proto: mirror.lines, usage: [], access: [] });
    const { stdout } = await runTrace(logs, ['--req-id', REQ_ID]);
    expect(stdout).toMatch(/├─ poll ×120 {2}codex /);
    expect(stdout).toContain('└─ … 41 more: --json lists them');
    const json = await runTrace(logs, ['--req-id', REQ_ID, '--json']);
    expect(json.stdout.match(/"service": "codex"/g)).toHaveLength(180);
  });

  it('shows of such a backend what took its time and what failed, below each of our spans', async () => {
    const mirror = createMirrorBuilder();
    receive(mirror);
    submit(mirror);
    const codex = { reqId: null, service: 'codex', from: 30, to: 31 } as const;
    for (const parent of ['backend_submission', 'turn/start'])
      for (let index = 0; index < 40; index++)
        mirror.span({ ...codex, name: `step ${index}`, id: `${parent} ${index}`, parent });
    const last = { ...codex, parent: 'turn/start 39' };
    mirror.span({ ...last, name: 'the long one', id: 'long', to: 600 });
    mirror.span({ ...last, name: 'the broken one', id: 'broken', error: { type: 'io', message: 'no' } });
    serve(mirror);
    await logs.record({ proto: mirror.lines, usage: [], access: [] });
    const { stdout } = await runTrace(logs, ['--req-id', REQ_ID]);
    expect(stdout).toMatch(/─ step 39 .*\n.*─ the long one .*\n.*✗ the broken one /);
    expect(stdout.match(/… \d+ more/g)).toEqual(['… 22 more', '… 20 more']);
  });

  it('uses colours on a terminal, unless told not to, and nowhere else', async () => {
    const call = ['--req-id', REQ_ID];
    expect((await runTrace(logs, call, { isTTY: true, columns: 100 })).stdout).toContain(`${ESCAPE}[1mreq_`);
    expect(
      (await runTrace(logs, [...call, '--no-color'], { isTTY: true, columns: 100 })).stdout,
    ).not.toContain(ESCAPE);
    expect((await runTrace(logs, call)).stdout).not.toContain(ESCAPE);
  });

  it('lets no control character of a payload, a name or a message reach the terminal', async () => {
    const evil = `${ESCAPE}]0;owned\u0007${ESCAPE}[2J\u009b1m\u202e`;
    const mirror = createMirrorBuilder({ route: `/v1/${evil}` });
    mirror.event({ on: 'http_ingress', kind: 'client_request', ms: 1, payload: evil });
    mirror.event({
      on: 'client_egress',
      kind: 'client_sse',
      ms: 2,
      payload: { choices: [{ delta: { content: evil } }] },
    });
    mirror.span({
      name: `${evil}`,
      id: 'http_ingress',
      from: 0,
      to: 2,
      service: evil,
      error: { type: evil, message: evil },
    });
    mirror.span({ name: evil, id: 'server', parent: null, kind: 'SERVER', from: 0, to: 3 });
    await logs.record({
      proto: mirror.lines,
      usage: [mirror.usage({ ms: 3, model: evil, response_model: evil })],
      access: [],
    });
    for (const extra of [[], ['--payload']]) {
      const { stdout } = await runTrace(logs, ['--req-id', REQ_ID, ...extra]);
      const rows = stdout.split('\n');
      expect(rows.map(printable)).toEqual(rows);
      expect(stdout).toContain('\\u001b]0;owned');
    }
  });

  it('keeps every row within the width, whatever is in it', async () => {
    const wide = '読'.repeat(300);
    const { proto, usage, access } = failure();
    const filled = JSON.parse(JSON.stringify(proto).replaceAll('Becau', wide).replaceAll('gpt-5.5', wide));
    await logs.record({ proto: filled, usage, access });
    for (const columns of [60, 80, 140]) {
      const { stdout } = await runTrace(logs, ['--req-id', REQ_ID], { columns });
      const widths = stdout.split('\n').map((row) => row.length + (row.match(/読/g)?.length ?? 0));
      expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    }
  });
});
