import type { SpanNode, Timeline } from '../../src/timeline/timeline.ts';
import { createLogFolder, type LogFolder } from './log-folder.ts';
import { createMirrorBuilder, type MirrorBuilder } from './mirror-builder.ts';
import { finish, receive, submit } from './request-steps.ts';

const codex = { service: 'codex', from: 30, to: 40 } as const;

const names = (nodes: readonly SpanNode[]): string[] =>
  nodes.flatMap(({ name, children }) => [name, ...names(children)]);

const levels = (nodes: readonly SpanNode[]): number =>
  nodes.length === 0 ? 0 : 1 + Math.max(...nodes.map(({ children }) => levels(children)));

describe('what a backend says of a request', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  const readWith = async (
    add: (mirror: MirrorBuilder) => void,
    options: { isOpen?: boolean } = {},
  ): Promise<Timeline> => {
    const mirror = createMirrorBuilder();
    receive(mirror);
    submit(mirror);
    add(mirror);
    const usage = mirror.usage({ ms: 900 });
    if (!options.isOpen) finish(mirror, usage, { from: 899, to: 901 });
    await logs.record({ proto: mirror.lines, usage: options.isOpen ? [] : [usage], access: [] });
    return logs.read(mirror.reqId);
  };

  it.each([[false], [true]])(
    'takes the place of no span of ours by its id (still open: %j)',
    async (isOpen) => {
      const { spans, attempts } = await readWith(
        (mirror) => {
          mirror.span({ ...codex, name: 'impostor', id: 'server', parent: 'elsewhere' });
          mirror.span({ ...codex, name: 'impostor', id: 'http_ingress', parent: 'turn/start' });
        },
        { isOpen },
      );
      expect(attempts).toHaveLength(1);
      expect(spans.map(({ name }) => name)).toEqual(['POST /v1/chat/completions']);
      expect(names(spans)).not.toContain('impostor');
      expect(names(spans)).toContain('http_ingress');
    },
  );

  it.each([
    ['below one of ours', 'turn/start'],
    ['below nobody', 'elsewhere'],
  ])('makes no attempt by a request span of its own %s', async (_, parent) => {
    const attributes = { route: '/v1/chat/completions', method: 'POST' };
    const theirs = { ...codex, name: 'theirs', kind: 'SERVER', parent, attributes } as const;
    const { attempts, spans } = await readWith((mirror) => {
      mirror.span(theirs);
      mirror.span({ ...theirs, id: 'far', traceId: '5'.repeat(32) });
    });
    expect(attempts).toMatchObject([{ number: 1, durationMs: 900, outcome: 'completed' }]);
    expect(names(spans).filter((name) => name === 'theirs')).toHaveLength(2);
  });

  it('hangs what it nests too deep on the last level, and says so', async () => {
    const { spans, notes } = await readWith((mirror) => {
      for (let depth = 0; depth < 3000; depth++)
        mirror.span({
          ...codex,
          reqId: null,
          name: 'deep',
          id: `deep ${depth}`,
          parent: depth === 0 ? 'turn/start' : `deep ${depth - 1}`,
        });
    });
    expect(names(spans).filter((name) => name === 'deep')).toHaveLength(3000);
    expect(levels(spans)).toBe(64);
    expect(notes).toContain('2939 spans lie deeper than 64 levels, and are shown on the last one');
  });

  it('does not move the start of the request', async () => {
    const plain = await readWith(() => undefined);
    const { attempts, spans } = await readWith((mirror) =>
      mirror.span({ ...codex, name: 'timeless', parent: 'turn/start', from: -5_000_000, to: 40 }),
    );
    expect(attempts).toEqual(plain.attempts);
    expect(names(spans)).toContain('timeless');
  });
});
