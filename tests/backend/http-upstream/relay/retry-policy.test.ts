import { retryAfterMs, waitBefore } from '../../../../src/backend/http-upstream/relay/retry-policy.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');

test.each([
  ['3', 3_000],
  [' 0 ', 0],
  ['0.5', 500],
  ['Fri, 02 Jan 2026 03:04:09 GMT', 4_000],
  ['Fri, 02 Jan 2026 03:04:00 GMT', 0],
  ['soon', null],
  ['-1', null],
  ['1e3', null],
  ['2026-01-02T03:04:09Z', null],
  ['', null],
  [undefined, null],
])('`Retry-After: %s` is %p milliseconds', (value, ms) => {
  expect(retryAfterMs(value, NOW)).toBe(ms);
});

const options = { askedMs: null, ownMs: 250, canFailOver: false, remainingMs: undefined };

test.each([
  ['its own pause where nothing is asked', {}, 250],
  ['the longer of both', { askedMs: 100 }, 250],
  ['what is asked', { askedMs: 10_000 }, 10_000],
  ['not longer than ten seconds', { askedMs: 10_001 }, null],
  ['not longer than a second beside another backend', { askedMs: 1_001, canFailOver: true }, null],
  ['a little beside another backend', { canFailOver: true }, 250],
  ['not beyond the deadline', { askedMs: 5_000, remainingMs: 5_000 }, null],
  ['within the deadline', { askedMs: 5_000, remainingMs: 5_001 }, 5_000],
])('a request waits %s', (_, given, ms) => {
  expect(waitBefore({ ...options, ...given })).toBe(ms);
});
