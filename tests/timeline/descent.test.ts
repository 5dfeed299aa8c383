import type { SpanNode, Timeline } from '../../src/timeline/timeline.ts';
import { createLogFolder, type LogFolder } from './log-folder.ts';
import { createMirrorBuilder } from './mirror-builder.ts';
import { TRACE_ID } from './moments.ts';
import { receive, serve, submit } from './request-steps.ts';

const names = (nodes: readonly SpanNode[]): string[] =>
  nodes.flatMap(({ name, children }) => [name, ...names(children)]);

describe('whose a span is', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  const readWith = async (
    add: (mirror: ReturnType<typeof createMirrorBuilder>) => void,
  ): Promise<Timeline> => {
    const mirror = createMirrorBuilder();
    receive(mirror);
    submit(mirror);
    add(mirror);
    serve(mirror);
    await logs.record({ proto: mirror.lines, usage: [], access: [] });
    return logs.read(mirror.reqId);
  };

  const codex = { reqId: null, service: 'codex', from: 30, to: 40 } as const;

  it('takes spans without a request id by descent, however deep, in whichever order they were written', async () => {
    const { spans } = await readWith((mirror) => {
      mirror.span({ ...codex, name: 'stream', parent: 'sample' });
      mirror.span({ ...codex, name: 'sample', parent: 'codexturn' });
      mirror.span({ ...codex, name: 'codexturn', parent: 'turn/start' });
    });
    expect(names(spans)).toEqual(expect.arrayContaining(['codexturn', 'sample', 'stream']));
  });

  it('leaves out spans of another request in the same trace, and whatever descends from them', async () => {
    const { spans, notes } = await readWith((mirror) => {
      mirror.span({
        name: 'turn/start',
        id: 'other.call',
        reqId: 'req_other',
        parent: 'elsewhere',
        kind: 'CLIENT',
        from: 1,
        to: 2,
      });
      mirror.span({ ...codex, name: 'their turn', parent: 'other.call' });
    });
    expect(names(spans)).not.toContain('their turn');
    expect(notes.join()).not.toContain('left out');
  });

  it('keeps the place of a backend span that is still open while spans below it have ended', async () => {
    const { spans } = await readWith((mirror) =>
      mirror.span({
        name: 'model_request',
        parent: 'turn',
        service: 'throughline-app-server',
        from: 30,
        to: 40,
      }),
    );
    expect(names(spans)).toEqual(expect.arrayContaining(['(open span)', 'model_request']));
  });

  it('does not hang when parents run in a circle', async () => {
    const { spans } = await readWith((mirror) => {
      mirror.span({ ...codex, name: 'a', parent: 'b' });
      mirror.span({ ...codex, name: 'b', parent: 'a' });
    });
    expect(names(spans)).not.toContain('a');
  });

  it('takes nothing of another trace', async () => {
    const { entries } = await readWith((mirror) =>
      mirror.event({
        on: 'turn/start',
        kind: 'rpc_notification',
        ms: 50,
        reqId: null,
        traceId: TRACE_ID.replaceAll('4', '5'),
      }),
    );
    expect(entries.map(({ kind }) => kind)).not.toContain('rpc_notification');
  });
});

describe('a request id that a client used twice', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  const attempt = (
    number: number,
    options: { traceId: string; startMs: number; firstSeq: number; end: boolean },
  ) => {
    const mirror = createMirrorBuilder(options);
    const { traceId } = options;
    const own = (name: string): string => `${name}${number}`;
    mirror.event({ on: own('ingress'), kind: 'client_request', ms: 1, traceId });
    mirror.span({
      name: 'http_ingress',
      id: own('ingress'),
      parent: own('server'),
      from: 0.5,
      to: 2,
      traceId,
    });
    if (!options.end) return { mirror, usage: [] };
    mirror.span({ name: 'usage_summary', id: own('usage'), parent: own('server'), from: 3, to: 4, traceId });
    mirror.span({
      name: 'POST /v1/chat/completions',
      id: own('server'),
      parent: null,
      kind: 'SERVER',
      from: 0,
      to: 5,
      traceId,
    });
    return { mirror, usage: [mirror.usage({ ms: 4, trace_id: traceId, span_id: 'ffffffffffffffff' })] };
  };

  const readTwo = async (second: { traceId: string; end: boolean }): Promise<Timeline> => {
    const one = attempt(1, { traceId: TRACE_ID, startMs: 0, firstSeq: 0, end: true });
    const two = attempt(2, { ...second, startMs: 1000, firstSeq: one.mirror.lines.length });
    await logs.record({
      proto: [...one.mirror.lines, ...two.mirror.lines],
      usage: [...one.usage, ...two.usage],
      access: [],
    });
    return logs.read(one.mirror.reqId);
  };

  it.each([
    ['in two traces', TRACE_ID.replaceAll('4', '5')],
    ['in one trace', TRACE_ID],
  ])('is shown as two attempts %s, each with its own lines', async (_, traceId) => {
    const { attempts, entries, spans } = await readTwo({ traceId, end: true });
    expect(attempts.map(({ number, ended }) => [number, ended])).toEqual([
      [1, true],
      [2, true],
    ]);
    expect(entries.map(({ attempt: number, kind }) => `${number} ${kind}`)).toEqual([
      '1 client_request',
      '1 usage',
      '2 client_request',
      '2 usage',
    ]);
    expect(spans.map(({ attempt: number, children }) => [number, children.length])).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect(entries[2]?.sinceStartNs).toBe(1_000_000n);
  });

  it('says of which attempt something is missing', async () => {
    const { notes } = await readTwo({ traceId: TRACE_ID, end: false });
    expect(notes.find((note) => note.includes('usage_summary'))).toMatch(
      /^attempt 2: no usage_summary: still running/,
    );
  });
});
