import { readProgram } from '../../src/app-server/model/echo/directives.ts';
import { countTokens } from '../../src/app-server/model/echo/tokens.ts';
import { runTurn, startThread, withServer } from './conversation.ts';

const BREAKING = [
  '/crash',
  '/crash 7',
  '/garbage',
  '/deaf',
  '/stall',
  '/wait 600000',
  '/usage 1 1 1 1',
  '/usage none',
];

test('a prompt that would break things is said back, where nobody has allowed it to', async () => {
  await withServer({ faults: false }, async (server) => {
    const threadId = await startThread(server);
    for (const prompt of BREAKING) {
      const { text, notifications } = await runTurn(server, threadId, prompt);
      expect(text).toMatch(new RegExp(`^You said: ${prompt}( \\(|$)`));
      expect(notifications.map(({ method }) => method)).toContain('thread/tokenUsage/updated');
    }
    expect((await runTurn(server, threadId, '/say still here\n/crash')).text).toBe('still here');
    expect(server.lines.filter((line) => !line.startsWith('{'))).toEqual([]);
  });
});

/** What took the square of its length, or many times its space. */
const MANY = 4_000_000;
const HOSTILE = [
  ['spaces in a line', `/say a${' '.repeat(MANY)}b`],
  ['spaces behind a name', `/tool ${'a'.repeat(MANY)}\r{}`],
  ['line ends', '\n'.repeat(MANY)],
  ['words for a directive', `/fail ${'a '.repeat(MANY)}`],
  ['long answers', '/long 100000\n'.repeat(MANY / 10)],
] as const;

test.each(HOSTILE)('a prompt of very many %s is read all the same', (_, prompt) => {
  const { steps, prompt: left } = readProgram(prompt, true);
  expect(steps.length).toBeLessThan(1_100);
  expect(left.length).toBeLessThanOrEqual(prompt.length);
});

test('of a prompt of very many lines the first are read for directives, and none is lost', () => {
  const read = readProgram(`/say first\n${'x\n'.repeat(2_000)}/say last`, false);
  expect(read.steps).toEqual([{ type: 'say', text: 'first' }]);
  expect(read.prompt).toBe(`${'x\n'.repeat(2_000)}/say last`);
});

test('a process with little memory survives what a client can send', async () => {
  const env = { NODE_OPTIONS: '--max-old-space-size=256' };
  await withServer({ faults: false, env }, async (server) => {
    for (const [, prompt] of HOSTILE.slice(2)) {
      const threadId = await startThread(server);
      const { turn } = await server.get<{ turn: { id: string } }>('turn/start', {
        threadId,
        input: [{ type: 'text', text: prompt, text_elements: [] }],
      });
      // One that says little may have ended by now.
      await server.call('turn/interrupt', { threadId, turnId: turn.id });
      await server.get('thread/unsubscribe', { threadId });
    }
    expect((await runTurn(server, await startThread(server), 'hello')).text).toBe('You said: hello');
  });
});

test('every kind of space ends a token, as in a regular expression', () => {
  const characters = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code));
  const bySplit = (text: string): number => (text.match(/\S+/g) ?? []).length;
  const texts = characters.map((character) => `a${character}b`);
  expect(texts.filter((text) => countTokens(text) !== bySplit(text))).toEqual([]);
});
