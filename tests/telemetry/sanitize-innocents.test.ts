import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sanitizeHeaders, sanitizeJson, sanitizeText } from '../support/sanitizer.ts';
import { INNOCENT_TEXTS } from './sanitize-secrets.ts';

const innocents: Record<string, string[]> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/innocent-texts.json'), 'utf8'),
);

/**
 * Ordinary texts with the words that secrets have around them: prose, code, configuration, JSON, logs, commands. None holds a secret, so
 * that each one that the sanitizer changes is a mistake of its own.
 */
const ALL = [...new Set([...Object.values(innocents).flat(), ...INNOCENT_TEXTS])];
/** Of at least 195. What no rule can tell from a secret may cost as many as that. */
const MAX_CHANGED = 5;

/** Headers that say how a request came, and nothing of who may send it. */
const HEADERS = {
  'x-forwarded-for': '10.0.0.1',
  'x-forwarded-proto': 'https',
  'x-correlation-id': '7f3c1c0e-9e0b-4e0c-8a61-2f1f4c3a9d10',
  'cf-ray': '8f2b6c1d2e3f4a5b-FRA',
  'x-amzn-trace-id': 'Root=1-67891233-abcdef012345678912345678',
  'idempotency-key': '7f3c1c0e-9e0b-4e0c-8a61-2f1f4c3a9d10',
  'sec-fetch-mode': 'cors',
  'sec-fetch-site': 'same-origin',
  'sec-ch-ua-platform': '"Linux"',
};

test('there are at least 195 innocent texts', () => {
  expect(ALL.length).toBeGreaterThanOrEqual(195);
});

test.each([
  'Wrong password: 3 attempts left',
  'https://example.org/?key=value',
  'PWD=C:\\x',
  '{"token": 5}',
  '{"token":"def","type":"keyword"}',
  'fetch(url, { credentials: "include" })',
  'read -s -p "Password: " answer',
  '{"password":"required"}',
])('%j stays as it is, as a text and as a value', (text) => {
  expect(sanitizeText(text)).toBe(text);
  expect(sanitizeJson([text])).toEqual([text]);
});

test('of all innocent texts at most five change', () => {
  const changed = ALL.filter((text) => sanitizeText(text) !== text);
  expect(changed.length > MAX_CHANGED ? changed.map((text) => [text, sanitizeText(text)]) : []).toEqual([]);
});

test('as values of JSON, and as JSON of their own, at most five change, too', () => {
  const isChanged = (value: unknown): boolean =>
    JSON.stringify(sanitizeJson(value)) !== JSON.stringify(value);
  const changed = ALL.filter((text) => isChanged({ text }) || isChanged([{ arguments: text }]));
  expect(changed.length > MAX_CHANGED ? changed : []).toEqual([]);
});

test('headers of proxies and browsers are shown', () => {
  expect(sanitizeHeaders(HEADERS)).toEqual(HEADERS);
});
