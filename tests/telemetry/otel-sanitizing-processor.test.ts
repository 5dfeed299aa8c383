import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import { createSanitizingProcessor } from '../../src/telemetry/otel/sanitizing-processor.ts';
import { policyOf } from '../support/sanitizer.ts';

const WORD = 'abc123'.repeat(6);

const cleaned = (key: string, text: string): unknown => {
  const attributes: Record<string, unknown> = { [key]: text };
  const span = { attributes, setAttribute: (name: string, value: unknown) => (attributes[name] = value) };
  createSanitizingProcessor(policyOf('full')).onStart(span as unknown as Span, ROOT_CONTEXT);
  return attributes[key];
};

test.each([
  ['url.path', `/v1/models/%73k-proj-${WORD}`],
  ['url.path', `/v1/models/%2573k-proj-${WORD}`],
  ['url.path', `/%zz/%FF%73k-proj-${WORD}`],
  ['url.path', `/v1/models/sk-proj-${WORD}`],
  ['url.query', `api%5Fkey=${WORD}`],
  ['url.query', `x=%2573k-proj-${WORD}`],
  ['url.query', `a=%zz&api%5Fkey=${WORD}`],
  ['url.query', `api%5Fkey=a%26${WORD}`],
])('a secret in %s is not shown, however it is spelled: %s', (key, text) => {
  const shown = String(cleaned(key, text));
  expect(shown).not.toContain(WORD);
  expect(shown).toContain('REDACTED');
});

test('what has no secret stays as it was spelled', () => {
  for (const text of ['/v1/m%6Fdels/a%2Fb%20%C3%A4', '/100%/%zz', '/a%252Fb', '/%FF'])
    expect(cleaned('url.path', text)).toBe(text);
  for (const text of ['a=%20b&c=%2526', 'x=%zz', '']) expect(cleaned('url.query', text)).toBe(text);
});
