import { cutLine, paint, plain, styled } from '../../src/cli/render/line.ts';
import { cutTo, widthOf } from '../../src/cli/render/text.ts';
import { formatBytes, formatDuration, formatSince } from '../../src/cli/render/units.ts';
import { printable } from '../../src/telemetry/printable.ts';

describe('text for a terminal', () => {
  it.each([
    ['an escape sequence', 'a\u001b[31mred', 'a\\u001b[31mred'],
    ['an eight-bit escape sequence', 'a\u009b31m', 'a\\u009b31m'],
    ['line breaks and tabs', 'a\r\n\tb', 'a\\r\\n\\tb'],
    ['a title that never ends', '\u001b]0;x\u0007', '\\u001b]0;x\\u0007'],
    ['text that turns around', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
    ['separators that break lines', 'a\u2028b\u0085c', 'a\\u2028b\\u0085c'],
    ['half a surrogate pair', 'a\ud83db', 'a\\ud83db'],
    ['invisible tags', 'a\u{e0041}', 'a\\u{e0041}'],
  ])('shows %s instead of obeying it', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('leaves words of any language and emoji alone', () => {
    const text = 'Straße 読んで 👩‍👩‍👧 é';
    expect(printable(text)).toBe(text);
  });

  it('counts wide characters twice, and a composed emoji once', () => {
    expect(widthOf('読む')).toBe(4);
    expect(widthOf('👩‍👩‍👧')).toBe(2);
    expect(widthOf('e\u0301')).toBe(1);
  });

  it('cuts to columns, never through a wide character', () => {
    expect(cutTo('abcdef', 6)).toBe('abcdef');
    expect(cutTo('abcdefg', 6)).toBe('abcde…');
    expect(cutTo('読んでください', 6)).toBe('読ん…');
    expect(cutTo('読んで', 6)).toBe('読んで');
  });

  it('escapes whatever a line holds, in colour or not, and cuts what it shows', () => {
    const line = [styled('red', 'a\u001b[2J'), plain('\u0007')];
    expect(paint(line, false)).toBe('a\\u001b[2J\\u0007');
    expect(paint(line, true)).toBe('\u001b[31ma\\u001b[2J\u001b[39m\\u0007');
    expect(paint(cutLine(5, line), false)).toBe('a\\u0…');
  });
});

describe('units', () => {
  it.each([
    [318_000n, '318µs'],
    [12_340_000n, '12.3ms'],
    [412_000_000n, '412ms'],
    [1_240_000_000n, '1.24s'],
    [125_000_000_000n, '2m05s'],
    [999_960_000n, '1.00s'],
    [99_960_000n, '100ms'],
    [59_999_000_000n, '1m00s'],
    [-1_500_000n, '-1.5ms'],
  ])('shows %d nanoseconds as %s', (ns, text) => {
    expect(formatDuration(ns)).toBe(text);
  });

  it('shows times since the start and sizes', () => {
    expect([formatSince(12_345_678n), formatSince(-200_000n)]).toEqual(['+12.3ms', '-0.2ms']);
    expect([formatBytes(12), formatBytes(91_234), formatBytes(5_300_000)]).toEqual([
      '12B',
      '91.2kB',
      '5.3MB',
    ]);
  });
});
