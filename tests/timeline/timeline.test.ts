import type { SpanNode } from '../../src/timeline/timeline.ts';
import { createLogFolder, type LogFolder } from './log-folder.ts';
import { toNdjson } from './mirror-builder.ts';
import { killed, killedInCall } from './open-requests.ts';
import { failure, streamedChat } from './requests.ts';

const outline = (nodes: readonly SpanNode[], indent = ''): string[] =>
  nodes.flatMap(({ name, endNs, children }) => [
    `${indent}${name}${endNs === null ? ' (open)' : ''}`,
    ...outline(children, `${indent}  `),
  ]);

describe('a request read back', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  it('merges mirror, usage log and access log in order of time', async () => {
    const request = streamedChat();
    await logs.record(request);
    const { entries } = await logs.read(request.reqId);
    const last = entries.slice(-4).map(({ source, phase, kind }) => [source, phase, kind]);
    expect(last).toEqual([
      ['proto', 'client_egress', 'client_sse_done'],
      ['proto', 'usage_summary', 'usage'],
      ['usage', 'usage_summary', 'usage'],
      ['access', null, 'access'],
    ]);
    expect(entries[0]).toMatchObject({ kind: 'client_request', sinceStartNs: 800_000n });
  });

  it('builds the span tree, with the app-server spans in their place', async () => {
    const request = streamedChat();
    await logs.record(request);
    const { spans } = await logs.read(request.reqId);
    expect(outline(spans)).toEqual([
      'POST /v1/chat/completions',
      '  http_ingress',
      '  backend_submission',
      '    thread/start',
      '      app_server.request',
      '    turn/start',
      '      app_server.request',
      '        dispatch',
      '          turn',
      '            run_turn',
      '              model_request',
      '  backend_io',
      '  client_egress',
      '  usage_summary',
    ]);
  });

  it('sums up how it ended, by the usage record', async () => {
    const request = failure();
    await logs.record(request);
    const { attempts, notes } = await logs.read(request.reqId);
    expect(attempts).toMatchObject([
      {
        number: 1,
        ended: true,
        outcome: 'backend_exit',
        statusCode: 502,
        errorCode: 'backend_exited',
        tokens: null,
      },
    ]);
    expect(notes).toEqual([]);
  });

  it('marks the delta that brought the first token, and what failed', async () => {
    await logs.record(streamedChat());
    const chat = await logs.read('req_5d2c1f0a9b3e');
    expect(chat.entries.filter(({ firstToken }) => firstToken)).toMatchObject([
      { sinceStartNs: 411_800_000n },
    ]);
    await logs.record(failure());
    const failed = await logs.read('req_5d2c1f0a9b3e');
    expect(failed.entries.filter((entry) => entry.failed).map(({ name }) => name)).toEqual([
      'backend_exit',
      'client_json',
      'usage',
      'access',
    ]);
  });

  it('knows as much from the mirror alone as the mirror says', async () => {
    const request = streamedChat();
    await logs.record({ ...request, usage: [], access: [] });
    const { attempts, notes } = await logs.read(request.reqId);
    expect(attempts).toMatchObject([
      { outcome: 'completed', statusCode: 200, tokens: { total_tokens: 170 } },
    ]);
    expect(notes).toEqual([
      `nothing in the usage log ${logs.usageLog}`,
      `nothing in the access log ${logs.accessLog}`,
    ]);
  });

  it('shows a request whose mirror was off by its usage record', async () => {
    const request = streamedChat();
    await logs.record({ ...request, proto: [], access: [] });
    const { attempts, entries, spans } = await logs.read(request.reqId);
    expect(attempts).toMatchObject([{ outcome: 'completed', durationMs: 1182.4 }]);
    expect(entries).toMatchObject([{ source: 'usage', sinceStartNs: 1_182_400_000n }]);
    expect(spans).toEqual([]);
  });

  it('finds a request across rotated files', async () => {
    const request = streamedChat();
    await logs.record(request);
    await logs.write('proto.ndjson.1', toNdjson(request.proto.slice(0, 12)));
    await logs.write('proto.ndjson', toNdjson(request.proto.slice(12)));
    const whole = await logs.read(request.reqId);
    expect(outline(whole.spans)).toHaveLength(14);
    expect(whole.notes).toEqual([]);
  });

  it('is empty, and says where it looked, for an id that no file knows', async () => {
    await logs.record(streamedChat());
    const timeline = await logs.read('req_5d2c1f0a9b3');
    expect(timeline.attempts).toEqual([]);
    expect(timeline.searched.map(({ found }) => found)).toEqual([true, true, true]);
  });
});

describe('a request that never ended', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  it('shows what was open when the gateway was killed', async () => {
    await logs.record(killed());
    const { spans, notes, attempts } = await logs.read('req_5d2c1f0a9b3e');
    expect(outline(spans)).toEqual([
      'POST /v1/chat/completions (open)',
      '  http_ingress',
      '  backend_submission',
      '    thread/start',
      '    turn/start',
      '  backend_io (open)',
      '  client_egress (open)',
    ]);
    expect(attempts).toMatchObject([{ ended: false, outcome: null, mode: 'chat_stream' }]);
    expect(notes).toEqual([
      'no usage_summary: still running, or the process died; last heard of at 2026-11-21T09:00:00.655400Z (client_sse)',
    ]);
  });

  it('shows the call that was never answered, below the submission that made it', async () => {
    await logs.record(killedInCall());
    const { spans } = await logs.read('req_5d2c1f0a9b3e');
    expect(outline(spans)).toEqual([
      'POST /v1/chat/completions (open)',
      '  http_ingress',
      '  backend_submission (open)',
      '    thread/start',
      '    turn/start (open)',
    ]);
  });

  it('shows even a request of which only its arrival was written', async () => {
    const { proto } = killed();
    await logs.record({ proto: proto.slice(0, 1), usage: [], access: [] });
    const { spans } = await logs.read('req_5d2c1f0a9b3e');
    expect(outline(spans)).toEqual(['POST /v1/chat/completions (open)', '  http_ingress (open)']);
  });
});
