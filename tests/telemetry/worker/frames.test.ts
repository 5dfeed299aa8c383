import { boundPayload } from '../../../src/telemetry/bound.ts';
import { captureSubject } from '../../../src/telemetry/capture.ts';
import { capturePolicy } from '../../../src/telemetry/policy/index.ts';
import { NO_USER_RULES } from '../../../src/telemetry/sanitize/user-patterns.ts';
import { createSanitizer } from '../../../src/telemetry/sanitize.ts';
import {
  cheapFrame,
  cleanAround,
  describeAround,
  describedFrame,
} from '../../../src/telemetry/worker/frames.ts';
import { createRandom } from '../../support/random.ts';

const sanitizer = createSanitizer({ ...NO_USER_RULES, keys: ['employee_id'] });
sanitizer.keepSecrets(['a-known-secret-1']);
const policy = capturePolicy('full', sanitizer);

const SECRETS = [
  `sk-proj-${'A1b2'.repeat(12)}`,
  'password: hunter2',
  'a-known-secret-1',
  '4111 1111 1111 1111',
  '{"api_key":"abcdef123"}',
  'Bearer abc123def456',
];
const WORDS = ['', 'word', ' a', '"quoted"', 'ü\n', '\u2028', '{"a":1}', '[1]', 'password', 'token', '12345'];
const NAMES =
  'content text delta value name key token password employee_id type kind a logprob header 0'.split(' ');

const random = createRandom(18);
const pick = <T>(list: readonly T[]): T => list[random.below(list.length)] as T;

const leaf = (): unknown => pick<unknown>([...WORDS, ...SECRETS, 5, 4111111111111111, null, true, []]);
const tree = (depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Array.from({ length: 1 + random.below(3) }, () => [
      pick(NAMES),
      depth > 0 && random.below(2) === 0 ? tree(depth - 1) : leaf(),
    ]),
  );

const PLACE = '\u0001place\u0001';

/** A frame with a place for the piece: the JSON before and behind it. */
const randomFrame = (): [before: string, after: string] => {
  const inner = { ...tree(1), [pick(NAMES)]: PLACE, ...(random.below(2) ? tree(0) : {}) };
  const frame = pick<() => unknown>([
    () => ({ id: 'x', choices: [{ index: 0, delta: inner, finish_reason: null }] }),
    () => inner,
    () => ({ [pick(NAMES)]: inner, ...tree(1) }),
    () => [inner, leaf()],
  ])();
  const [before = '', after = ''] = JSON.stringify(frame).split(JSON.stringify(PLACE));
  return [before, after];
};

const wholeWay = (before: string, piece: string, after: string): string | undefined =>
  captureSubject(
    policy,
    'upstream_chunk',
    { payload: boundPayload(JSON.parse(before + JSON.stringify(piece) + after)) },
    null,
  )?.json;

test('a frame that is made of its clean parts is the one that is cleaned as a whole', () => {
  let cheap = 0;
  for (let round = 0; round < 4000; round++) {
    const [before, after] = randomFrame();
    const around = cleanAround(before, after, sanitizer);
    if (!around) continue;
    for (const piece of [pick(WORDS), pick(SECRETS), `${pick(WORDS)} ${pick(SECRETS)}`]) {
      cheap++;
      expect(cheapFrame(around, piece, sanitizer)?.json).toBe(wholeWay(before, piece, after));
    }
  }
  expect(cheap).toBeGreaterThan(1000);
});

test('its description is the one of the whole, without looking at the whole', () => {
  const described = capturePolicy('metadata', sanitizer);
  const kinds = ['upstream_chunk', 'rpc_notification'] as const;
  let cheap = 0;
  for (let round = 0; round < 2000; round++) {
    const [before, after] = randomFrame();
    const around = cleanAround(before, after, sanitizer);
    if (!around) continue;
    const kind = pick(kinds);
    const description = describeAround(before, after, around, described, kind);
    if (!description) continue;
    for (const piece of [pick(WORDS), pick(SECRETS), `${pick(WORDS)} ${pick(SECRETS)}`]) {
      const frame = cheapFrame(around, piece, sanitizer);
      if (!frame) continue;
      cheap++;
      const payload: unknown = boundPayload(JSON.parse(before + JSON.stringify(piece) + after));
      expect(describedFrame(description, frame.text).json).toBe(
        captureSubject(described, kind, { payload }, null)?.json,
      );
    }
  }
  expect(cheap).toBeGreaterThan(1000);
});

test('the usual frames of the APIs go the cheap way', () => {
  const frames = [
    ['{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":', '}}]}'],
    ['{"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":', ',"sequence_number":4}'],
    ['{"method":"item/agentMessage/delta","params":{"threadId":"t","turnId":"u","itemId":"i","delta":', '}}'],
  ] as const;
  for (const [before, after] of frames) expect(cleanAround(before, after, sanitizer)).not.toBeNull();
});

test('under a name that is secret, and where a value names another, each frame is cleaned as a whole', () => {
  expect(cleanAround('{"password":', '}', sanitizer)).toBeNull();
  expect(cleanAround('{"employee_id":', '}', sanitizer)).toBeNull();
  expect(cleanAround('{"name":', ',"value":"x"}', sanitizer)).toBeNull();
  expect(cleanAround('{"name":"password","value":', '}', sanitizer)).toBeNull();
  expect(cleanAround('{"a":', '', sanitizer)).toBeNull();
});
