import { headOf } from '../src/cut.ts';
import { needsItsEnd } from './support/canary-secrets.ts';
import { sanitizeText } from './support/sanitizer.ts';
import { shows } from './telemetry/sanitize-secrets.ts';
import { ALL_SECRETS } from './telemetry/shaped-secrets.ts';

test('a text that fits stays, and one that does not ends between two words', () => {
  expect(headOf('one two', 7)).toBe('one two');
  expect(headOf('one two three', 9)).toBe('one two ');
  expect(headOf('one two three', 7)).toBe('one two');
  expect(headOf('{"a":"b"}', 7)).toBe('{"a":"b');
  expect(headOf('{"a":"bcd"}', 7)).toBe('{"a":"');
  expect(headOf('word', 2)).toBe('');
  expect(headOf('', 0)).toBe('');
});

test('a word that is longer than any secret is cut inside, and no character is', () => {
  expect(headOf('x'.repeat(10_000), 100)).toBe('x'.repeat(100));
  expect(headOf('😀'.repeat(10), 3).isWellFormed()).toBe(true);
});

test.each(
  ALL_SECRETS.filter((each) => !needsItsEnd(each)).map(({ what, text, secret }) => ({
    what,
    text,
    secret,
  })),
)('wherever a text is cut, the sanitizer finds what is left of $what', ({ text, secret }) => {
  const whole = `it said: ${text} and more`;
  for (let max = 0; max < whole.length; max++) {
    const shown = sanitizeText(headOf(whole, max));
    if (shows(shown, secret)) throw new Error(`cut at ${max}: ${shown}`);
  }
});
