import { followTimeline } from '../../src/timeline/follow.ts';
import { newestRequest } from '../../src/timeline/newest.ts';
import { readTimeline, type SpanNode, type Timeline } from '../../src/timeline/timeline.ts';
import { type Gateways, REQ_ID, sentAgain, throughTwo } from './journeys.ts';
import { createLogFolder, type LogFolder } from './log-folder.ts';
import { toNdjson } from './mirror-builder.ts';

const outline = (nodes: readonly SpanNode[], indent = ''): string[] =>
  nodes.flatMap(({ name, service, children }) => [
    `${indent}${service} ${name}`,
    ...outline(children, `${indent}  `),
  ]);

const FAR = 'far POST /v1/chat/completions';

const wayTo = (label: string, nodes: readonly SpanNode[]): string[] => {
  for (const node of nodes) {
    const own = `${node.service} ${node.name}`;
    if (own === label) return [own];
    const below = wayTo(label, node.children);
    if (below.length > 0) return [own, ...below];
  }
  return [];
};

describe('a request through two gateways', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  const read = async (
    { near, far }: { near: { lines: readonly unknown[] }; far: { lines: readonly unknown[] } },
    names: readonly string[] = ['near.ndjson', 'far.ndjson'],
  ): Promise<Timeline> => {
    await logs.write('near.ndjson', toNdjson(near.lines));
    await logs.write('far.ndjson', toNdjson(far.lines));
    return readTimeline({ reqId: REQ_ID, protoLog: names.map(logs.path), usageLog: [] });
  };

  const without = ({ near, far }: Gateways, ...parts: string[]) => ({
    near: { lines: near.lines.filter((line) => !parts.some((part) => JSON.stringify(line).includes(part))) },
    far,
  });

  it.each([[['near.ndjson', 'far.ndjson']], [['far.ndjson', 'near.ndjson']]])(
    'is one attempt with one tree, in whichever order the files are given: %j',
    async (names) => {
      const { attempts, spans, entries } = await read(throughTwo(), names);
      expect(attempts).toMatchObject([{ number: 1, services: [['near'], ['far']], durationMs: 100 }]);
      expect(outline(spans)).toEqual([
        'near POST /v1/chat/completions',
        '  near http_ingress',
        '  near backend_submission',
        '    near POST',
        `      ${FAR}`,
        '        far http_ingress',
        '        far backend_submission',
        '          far POST',
        '        far backend_io',
        '        far client_egress',
        '        far usage_summary',
        '  near backend_io',
        '  near client_egress',
        '  near usage_summary',
      ]);
      expect(entries.map(({ service, kind }) => `${service} ${kind}`)).toEqual([
        'near client_request',
        'near upstream_request',
        'far client_request',
        'far upstream_request',
        'far usage',
        'near usage',
      ]);
    },
  );

  it('is one where both have the same name', async () => {
    const { attempts, spans } = await read(throughTwo({ services: ['throughline', 'throughline'] }));
    expect(attempts).toMatchObject([{ services: [['throughline'], ['throughline']] }]);
    expect(outline(spans)).toHaveLength(14);
  });

  it('says how it ended as the outermost says', async () => {
    const gateways = throughTwo();
    await logs.write(
      'usage.a',
      toNdjson([gateways.far.usage({ ms: 58, outcome: 'backend_error', usage: null })]),
    );
    await logs.write('usage.b', toNdjson([gateways.near.usage({ ms: 99 })]));
    await read(gateways);
    const { attempts, entries } = await readTimeline({
      reqId: REQ_ID,
      protoLog: [logs.path('near.ndjson'), logs.path('far.ndjson')],
      usageLog: [logs.path('usage.a'), logs.path('usage.b')],
    });
    expect(attempts).toMatchObject([{ outcome: 'completed', tokens: { total_tokens: 170 } }]);
    expect(entries.filter(({ source }) => source === 'usage')).toMatchObject([
      { service: 'far' },
      { service: 'near' },
    ]);
  });

  it('is shown once where a file is given twice, or as a copy too', async () => {
    const gateways = throughTwo();
    const once = await read(gateways);
    await logs.write('copy.ndjson', toNdjson(gateways.far.lines));
    const twice = await read(gateways, ['near.ndjson', 'far.ndjson', 'far.ndjson', 'copy.ndjson']);
    expect([outline(twice.spans), twice.entries]).toEqual([outline(once.spans), once.entries]);
    expect([once.notes, twice.notes]).toEqual([
      [],
      [`nothing more of this request in the mirror ${logs.path('copy.ndjson')}`],
    ]);
  });

  it('reads the rotated files and the refused share of each', async () => {
    const { near, far } = throughTwo();
    await logs.write('far.ndjson.1', toNdjson(far.lines.slice(0, 4)));
    await logs.write('near.refused.ndjson', toNdjson(near.lines.slice(0, 2)));
    const { spans } = await read({
      near: { lines: near.lines.slice(2) },
      far: { lines: far.lines.slice(4) },
    });
    expect(outline(spans)).toHaveLength(14);
  });

  it('stays two attempts where the client sent it twice, of the same trace and to two gateways', async () => {
    const near = sentAgain('', 0);
    const far = sentAgain('F', 40, 'far');
    const { attempts } = await read({ near, far });
    expect(attempts.map(({ services }) => services)).toEqual([[['near']], [['far']]]);
  });

  it('stays two attempts where the client sent it twice through both', async () => {
    const first = throughTwo();
    const again = sentAgain('N', 500);
    const near = { lines: [...first.near.lines, ...again.lines] };
    const { attempts } = await read({ near, far: first.far });
    expect(attempts.map(({ services }) => services)).toEqual([[['near'], ['far']], [['near']]]);
  });

  it('is one where the span that called the far one was never written, under what ran then', async () => {
    const { attempts, spans } = await read(without(throughTwo(), '"name":"POST"', 'upstream_request'));
    expect(attempts).toHaveLength(1);
    expect(wayTo(FAR, spans).slice(-3)).toEqual(['near backend_io', 'near (parent not written)', FAR]);
  });

  it('is one while the near one still runs, with what it has written in its own part', async () => {
    const ended = ['"name":"POST', '"name":"backend_io"', '"name":"client_egress"', 'usage_summary'];
    const { attempts, spans, notes, entries } = await read(without(throughTwo(), ...ended));
    expect(attempts).toMatchObject([{ ended: false, services: [['near'], ['far']] }]);
    expect(wayTo(FAR, spans)[0]).toBe('near POST /v1/chat/completions');
    expect(entries.filter(({ service }) => service === 'near')).toHaveLength(2);
    expect(notes[0]).toMatch(/^near: no usage_summary: still running/);
  });

  it('says once that clocks differ, and changes no time', async () => {
    const { spans, notes, entries } = await read(throughTwo({ farFrom: -50 }));
    expect(notes).toEqual([
      "clocks differ: a gateway's span begins 53.0ms before its parent at another one; times are shown as they were written",
    ]);
    expect(wayTo(FAR, spans)).toHaveLength(4);
    expect(entries[0]).toMatchObject({ service: 'far', sinceStartNs: -49_200_000n });
  });

  it('does not take a millisecond for another clock', async () => {
    expect((await read(throughTwo({ farFrom: 2 }))).notes).toEqual([]);
  });

  it('does not go round in circles where two spans each say that the other called it', async () => {
    const { near, far } = throughTwo();
    const circle = JSON.stringify(near.lines.at(-1)).replaceAll(
      JSON.stringify(near.lines.at(-1)?.type === 'span' ? idOfParent(near.lines.at(-1)) : ''),
      JSON.stringify(far.lines.find((line) => line.type === 'span' && line.name === 'POST')?.span_id),
    );
    const { attempts } = await read({
      near: { lines: [...near.lines.slice(0, -1), JSON.parse(circle)] },
      far,
    });
    expect(attempts).toHaveLength(1);
  });

  it('is followed as one attempt, to the end of both', async () => {
    await read(throughTwo());
    const query = {
      reqId: REQ_ID,
      protoLog: [logs.path('near.ndjson'), logs.path('far.ndjson')],
      usageLog: [],
    };
    const attempts: number[] = [];
    for await (const entries of followTimeline(query, { signal: new AbortController().signal, pollMs: 1 }))
      attempts.push(...entries.map(({ attempt }) => attempt));
    expect(attempts).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('is the newest of all files', async () => {
    await read(throughTwo());
    const protoLog = [logs.path('none.ndjson'), logs.path('far.ndjson')];
    expect(await newestRequest({ protoLog, usageLog: [] })).toBe(REQ_ID);
  });
});

const idOfParent = (line: object | undefined): unknown =>
  line && 'parent_span_id' in line ? line.parent_span_id : null;
