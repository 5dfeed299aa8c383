import { createTextStream } from '../../src/telemetry/text-stream.ts';
import { policyOf } from '../support/sanitizer.ts';

const SECRET = `sk-proj-${'A1b2'.repeat(12)}`;

test('deltas of usual size are shown, with a secret that is split over them redacted', () => {
  const stream = createTextStream(policyOf('full'));
  const shown = ['the key is ', SECRET.slice(0, 20), SECRET.slice(20), ' and that is all'].map(stream.push);
  expect(shown.join('') + stream.flush()).toBe('the key is [REDACTED] and that is all');
});

test('of a delta that is longer than an event can show its beginning alone is looked at', () => {
  const stream = createTextStream(policyOf('full'), { maxChars: 100 });
  const shown = stream.push(`${'word '.repeat(20)}${SECRET} ${'x'.repeat(1_000_000)}`);
  expect(shown.length).toBeLessThan(200);
  expect(shown).toMatch(/^(word )+…\[\d+ characters not kept\]$/);
});

test('a secret at the gap, before or behind it, is not shown in part', () => {
  for (let at = 40; at < 100; at++) {
    const stream = createTextStream(policyOf('full'), { maxChars: 100 });
    const first = stream.push(`${'.'.repeat(at)} ${SECRET.slice(0, 40)}`.padEnd(200, 'Z'));
    const second = stream.push(`${SECRET.slice(40)} and more`);
    const shown = first + second + stream.flush();
    expect(shown).not.toContain(SECRET.slice(0, 9));
    expect(shown).not.toContain(SECRET.slice(40));
  }
});

test('where nothing is captured nothing is looked at', () => {
  const stream = createTextStream(policyOf('off'));
  expect(stream.push('hello ') + stream.push('there') + stream.flush()).toBe('');
});
