import { chatCallOf, completionsCallOf, responsesCallOf } from '../../support/calls.ts';
import { refusalOf } from '../../support/thrown.ts';

const APIS = { chat: chatCallOf, completions: completionsCallOf, responses: responsesCallOf };
type Api = keyof typeof APIS;

interface Range {
  readonly param: string;
  readonly apis: readonly Api[];
  /** What the refusal says is allowed. */
  readonly says: string;
  readonly inside: readonly unknown[];
  readonly outside: readonly unknown[];
}

const ALL: readonly Api[] = ['chat', 'completions', 'responses'];
const number = (param: string, apis: readonly Api[], min: number, max: number): Range => ({
  param,
  apis,
  says: `from ${min} to ${max}`,
  inside: [min, max, (min + max) / 2],
  outside: [min - 0.1, max + 0.1, min - 1e9, max + 1e9],
});
const whole = (param: string, apis: readonly Api[], min: number, max?: number): Range => ({
  param,
  apis,
  says: max === undefined ? `of at least ${min}` : `from ${min} to ${max}`,
  inside: [min, max ?? 1e9],
  outside: [min - 1, -1e9, ...(max === undefined ? [] : [max + 1])],
});
const words = (param: string, apis: readonly Api[], ...allowed: string[]): Range => ({
  param,
  apis,
  says: allowed.map((word) => `'${word}'`).join(', '),
  inside: allowed,
  outside: ['something', '', `${allowed[0]} `, allowed[0]?.toUpperCase()],
});

/** Every range and closed list of the official description, of the parameters without effect as well. */
const RANGES: Range[] = [
  number('temperature', ALL, 0, 2),
  number('top_p', ALL, 0, 1),
  number('frequency_penalty', ['chat', 'completions'], -2, 2),
  number('presence_penalty', ['chat', 'completions'], -2, 2),
  whole('max_tokens', ['chat', 'completions'], 1),
  whole('max_completion_tokens', ['chat'], 1),
  whole('max_output_tokens', ['responses'], 16),
  whole('n', ['chat', 'completions'], 1, 128),
  whole('best_of', ['completions'], 0, 20),
  whole('logprobs', ['completions'], 0, 5),
  whole('top_logprobs', ['chat', 'responses'], 0, 20),
  words('reasoning_effort', ['chat'], 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
  words('verbosity', ['chat'], 'low', 'medium', 'high'),
  words('service_tier', ['chat', 'responses'], 'auto', 'default', 'flex', 'scale', 'priority', 'fast'),
  words('prompt_cache_retention', ['chat', 'responses'], 'in_memory', 'in-memory', '24h'),
  words('truncation', ['responses'], 'auto', 'disabled'),
];

/** A value that is allowed and has no effect here, or would change the answer: neither is out of range. */
const isOutOfRange = (call: () => unknown): boolean => {
  try {
    call();
    return false;
  } catch (thrown) {
    return (thrown as { code?: unknown }).code !== 'unsupported_parameter';
  }
};

describe.each(RANGES.flatMap((range) => range.apis.map((api) => ({ ...range, api }))))(
  '$param of the $api API',
  ({ param, api, says, inside, outside }) => {
    const callOf = APIS[api];

    it.each(outside)('is refused where it is %j, with what is allowed', (value) => {
      const refusal = refusalOf(() => callOf({ [param]: value }));
      expect(refusal).toMatchObject({ status: 400, code: 'invalid_value', param });
      expect(refusal.message).toContain(says);
    });

    it.each([...inside, null])('may be %j', (value) => {
      expect(isOutOfRange(() => callOf({ [param]: value }))).toBe(false);
    });
  },
);

const pairs = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']));
const image = (detail: string) => [
  { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a/b.png', detail } }] },
];
const inputImage = (detail: string) => [
  { role: 'user', content: [{ type: 'input_image', image_url: 'https://a/b.png', detail }] },
];

/** The same inside of objects and lists: the field, a value that is refused, and one that is not. */
const INNER: [api: Api, param: string, refused: object, allowed: object][] = [
  ['responses', 'reasoning.effort', { reasoning: { effort: 'huge' } }, { reasoning: { effort: 'max' } }],
  ['responses', 'reasoning.summary', { reasoning: { summary: 'long' } }, { reasoning: { summary: 'auto' } }],
  [
    'responses',
    'reasoning.context',
    { reasoning: { context: 'x' } },
    { reasoning: { context: 'all_turns' } },
  ],
  ['responses', 'reasoning.mode', { reasoning: { mode: 'x' } }, { reasoning: { mode: 'pro' } }],
  ['responses', 'text.verbosity', { text: { verbosity: 'x' } }, { text: { verbosity: 'low' } }],
  ['responses', 'include[0]', { include: ['x'] }, { include: ['reasoning.encrypted_content'] }],
  [
    'responses',
    'context_management[0].compact_threshold',
    { context_management: [{ compact_threshold: 999 }] },
    { context_management: [{ compact_threshold: 1000 }] },
  ],
  ['chat', 'logit_bias.5', { logit_bias: { 5: 101 } }, { logit_bias: { 5: -100 } }],
  ['chat', 'modalities[0]', { modalities: ['smell'] }, { modalities: ['text'] }],
  [
    'chat',
    'prediction.type',
    { prediction: { type: 'x' } },
    { prediction: { type: 'content', content: 'c' } },
  ],
  ['chat', 'messages[0].content[0].image_url.detail', { messages: image('x') }, { messages: image('low') }],
  ['responses', 'input[0].content[0].detail', { input: inputImage('x') }, { input: inputImage('high') }],
  ['chat', 'metadata', { metadata: pairs(17) }, { metadata: pairs(16) }],
  ['responses', 'metadata.a', { metadata: { a: 'x'.repeat(513) } }, { metadata: { a: 'x'.repeat(512) } }],
  ['chat', 'safety_identifier', { safety_identifier: 'x'.repeat(65) }, { safety_identifier: 'x'.repeat(64) }],
  [
    'responses',
    'prompt_cache_options.ttl',
    { prompt_cache_options: { ttl: '1h' } },
    { prompt_cache_options: { ttl: '30m' } },
  ],
  ['chat', 'seed', { seed: 1e19 }, { seed: 2 ** 63 }],
  ['completions', 'seed', { seed: 0.5 }, { seed: -(2 ** 63) }],
];

it.each(INNER)('%s: %s has its range as well', (api, param, refused, allowed) => {
  const callOf = APIS[api] as (body: object) => unknown;
  expect(refusalOf(() => callOf(refused))).toMatchObject({ status: 400, code: 'invalid_value', param });
  expect(isOutOfRange(() => callOf(allowed))).toBe(false);
});

it('the effort that Codex alone has may be asked for', () => {
  expect(chatCallOf({ reasoning_effort: 'ultra' }).turn.effort).toBe('ultra');
  expect(responsesCallOf({ reasoning: { effort: 'ultra' } }).turn.effort).toBe('ultra');
});

it.each([
  ['reasoning_effort', 5],
  ['verbosity', true],
  ['temperature', '1'],
  ['n', 1.5],
])('%s = %j is of a wrong type, whatever its range', (param, value) => {
  expect(refusalOf(() => chatCallOf({ [param]: value }))).toMatchObject({ code: 'invalid_type', param });
});
