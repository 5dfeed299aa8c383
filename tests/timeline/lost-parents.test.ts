import type { SpanNode, Timeline } from '../../src/timeline/timeline.ts';
import { createLogFolder, type LogFolder } from './log-folder.ts';
import { createMirrorBuilder, type MirrorBuilder } from './mirror-builder.ts';
import { backendIo, finish, receive, submit } from './request-steps.ts';

const LOST = '(parent not written)';
const OPEN = '(open span)';

const codex = { reqId: null, service: 'codex' } as const;

/** The names from the root down to the first span of this name. */
const wayTo = (name: string, nodes: readonly SpanNode[]): string[] => {
  for (const node of nodes) {
    if (node.name === name) return [name];
    const below = wayTo(name, node.children);
    if (below.length > 0) return [node.name, ...below];
  }
  return [];
};

const find = (name: string, nodes: readonly SpanNode[]): SpanNode | undefined =>
  nodes.find((node) => node.name === name) ??
  nodes.map(({ children }) => find(name, children)).find((found) => found !== undefined);

describe('a span of a backend whose parent was never written', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  const readWith = async (add: (mirror: MirrorBuilder) => void, { ends = true } = {}): Promise<Timeline> => {
    const mirror = createMirrorBuilder();
    receive(mirror);
    submit(mirror);
    mirror.span({ ...backendIo, to: 890 });
    add(mirror);
    const usage = mirror.usage({ ms: 900 });
    if (ends) finish(mirror, usage, { from: 899, to: 901 });
    await logs.record({ proto: mirror.lines, usage: ends ? [usage] : [], access: [] });
    return logs.read(mirror.reqId);
  };

  it.each([
    ['the call that ran then', 16, 'backend_submission', 'turn/start'],
    ['the answer, after the calls', 30, 'backend_io', LOST],
    ['what ran last, after the end of all', 895, 'backend_io', LOST],
  ])('is shown with all that is below it, under %s', async (_, from, phase, next) => {
    const { spans, notes } = await readWith((mirror) => {
      mirror.span({ ...codex, name: 'leaf', parent: 'top', from, to: from + 1 });
      mirror.span({ ...codex, name: 'top', parent: 'lost', from, to: from + 1 });
      mirror.span({ ...codex, name: 'sister', parent: 'lost', from: from + 2, to: from + 3 });
    });
    const way = wayTo('leaf', spans);
    expect(way.slice(1, 3)).toEqual([phase, next]);
    expect(way.slice(-3)).toEqual([LOST, 'top', 'leaf']);
    expect(find(LOST, spans)).toMatchObject({ isLost: true, service: 'codex' });
    expect(find(LOST, spans)?.children.map(({ name }) => name)).toEqual(['top', 'sister']);
    expect(notes.join()).not.toContain('left out');
  });

  it('is one of an open span while the request runs', async () => {
    const { spans } = await readWith(
      (mirror) => mirror.span({ ...codex, name: 'top', parent: 'lost', from: 30, to: 31 }),
      { ends: false },
    );
    expect(wayTo('top', spans).slice(-3)).toEqual(['backend_io', OPEN, 'top']);
    expect(find(OPEN, spans)).toMatchObject({ isLost: false });
  });

  it.each([
    ['its tracestate names it', 'vendor=x,throughline=req_5d2c1f0a9b3e', true],
    ['its tracestate names another request', 'throughline=req_other,vendor=x', false],
    ['its tracestate names none', 'vendor=x', false],
  ])('belongs to the request, in a trace of several ones, where %s', async (_, traceState, isOurs) => {
    const { spans, notes } = await readWith((mirror) => {
      mirror.span({ name: 'turn/start', id: 'other.call', reqId: 'req_other', from: 1, to: 2 });
      mirror.span({ ...codex, name: 'top', parent: 'lost', from: 30, to: 31, traceState });
    });
    expect(wayTo('top', spans).length > 0).toBe(isOurs);
    expect(notes.join().includes('1 span of this trace left out')).toBe(!isOurs);
  });

  it.each([
    ['before the request began', -50],
    ['after it had ended', 1000],
  ])('is left out where it began %s, and counted', async (_, from) => {
    const { spans, notes } = await readWith((mirror) => {
      mirror.span({ ...codex, name: 'top', parent: 'lost', from, to: from + 1 });
    });
    expect(wayTo('top', spans)).toEqual([]);
    expect(notes).toContain(
      '1 span of this trace left out: no parent of theirs was written that leads to this request',
    );
  });
});
