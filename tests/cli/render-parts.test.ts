import { digest } from '../../src/cli/render/digest.ts';
import { renderHeader } from '../../src/cli/render/header.ts';
import { paint } from '../../src/cli/render/line.ts';
import type { Mode } from '../../src/telemetry/phases.ts';
import type { Attempt, Entry } from '../../src/timeline/model.ts';

const entry = (kind: Entry['kind'], payload: unknown): Entry => ({
  attempt: 1,
  service: null,
  source: 'proto',
  phase: null,
  kind,
  name: String(kind),
  timeNs: 0n,
  sinceStartNs: 0n,
  failed: false,
  firstToken: false,
  payload,
  line: {} as Entry['line'],
});

test.each(['client_sse_done', 'upstream_chunk'] as const)(
  'text that was held back until the terminal frame stands before it, in %s',
  (kind) => {
    const shown = digest(entry(kind, { data: '[DONE]', held_text: 'clear' }));
    expect(shown).toBe('"clear" (held back until here) [DONE]');
  },
);

test('a terminal frame is shown as it is', () => {
  expect(digest(entry('client_sse_done', '[DONE]'))).toBe('[DONE]');
  const completed = { type: 'response.completed', response: {} };
  expect(digest(entry('client_sse_done', completed))).toBe(JSON.stringify(completed));
});

const completed = (mode: Mode): Attempt => ({
  number: 1,
  traceId: null,
  services: [],
  startNs: 0n,
  lastNs: 0n,
  ended: true,
  route: null,
  method: null,
  mode,
  statusCode: 200,
  outcome: 'completed',
  errorCode: null,
  durationMs: 1,
  firstTokenNs: null,
  model: null,
  tokens: null,
  tokenSource: 'missing',
});

test.each([
  ['chat_nonstream', true],
  ['models', false],
  ['other', false],
] as const)('of an answer without tokens, %s says so: %s', (mode, says) => {
  const header = renderHeader('req_1', completed(mode)).map((line) => paint(line, false));
  expect(header.some((line) => line.includes('none given by the provider'))).toBe(says);
});
