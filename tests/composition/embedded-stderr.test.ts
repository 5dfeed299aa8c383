import { createStderrFilter } from '../../src/composition/embedded-stderr.ts';

const MARK = 'kaleidoscope';

const filtered = (...chunks: string[]): string => {
  let written = '';
  const take = createStderrFilter((text) => {
    written += text;
  });
  for (const chunk of chunks) take(Buffer.from(chunk));
  return written;
};

test('what the embedded app-server says in its own lines is shown, in whatever pieces it comes', () => {
  const line = `${JSON.stringify({ service: 'throughline-app-server', msg: 'listening' })}\n`;
  expect(filtered(line.slice(0, 9), line.slice(9), line)).toBe(line + line);
});

test('anything else on its stderr is told by its size', () => {
  const shown = filtered(
    `Error: ${MARK}\n`,
    '{"service":"another"}\n',
    '\n',
    'x'.repeat(20_000),
    `${MARK}\n`,
  );
  expect(shown).not.toContain(MARK);
  expect(
    shown
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).bytes),
  ).toEqual([19, 21, 20_012]);
});
