import { nearest } from '../src/nearest.ts';

const KNOWN = ['PROXY_API_KEYS', 'PROXY_CAPTURE', 'PROXY_WORKERS', 'PROXY_ENV'];

test.each([
  ['PROXY_API_KEY', 'PROXY_API_KEYS'],
  ['PROXY_APIKEYS', 'PROXY_API_KEYS'],
  ['PROXY_CAPTRUE', 'PROXY_CAPTURE'],
  ['PROXY_WORKER', 'PROXY_WORKERS'],
  ['PROXY_EVN', 'PROXY_ENV'],
  ['PROXY_ENV', 'PROXY_ENV'],
])('%s may be meant as %s', (word, meant) => {
  expect(nearest(word, KNOWN)).toBe(meant);
});

test.each(['PROXY_SOMETHING_ELSE', '', 'x', 'PROXY_API_KEYS'.repeat(1000)])(
  '%s is near to nothing',
  (word) => {
    expect(nearest(word, KNOWN)).toBeNull();
  },
);

test('of two that are near, the nearer one is meant', () => {
  expect(nearest('workers', ['worker', 'workersx', 'workers2', 'workers'])).toBe('workers');
});
