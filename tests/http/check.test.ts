import fc from 'fast-check';
import { z } from 'zod';
import { check } from '../../src/http/check.ts';
import { chatRequest } from '../../src/http/requests/chat-schema.ts';
import { completionsRequest } from '../../src/http/requests/completions.ts';
import { responsesRequest } from '../../src/http/requests/responses-schema.ts';
import { validate } from '../../src/http/validate.ts';
import { countingPace, noPace } from '../support/pace.ts';
import { rejectionOf } from '../support/thrown.ts';

const SCHEMAS = { chat: chatRequest, completions: completionsRequest, responses: responsesRequest };

/** Values that fit somewhere, or nearly: the fields of the APIs with words and values of theirs. */
const WORDS = [
  'user',
  'assistant',
  'tool',
  'text',
  'function',
  'message',
  'input_text',
  'image_url',
  'auto',
  'x',
  '',
];
const KEYS = (
  'model messages role content type text input tools function name arguments prompt stop metadata tool_choice allowed_tools mode ' +
  'tool_calls id call_id output image_url url parameters logit_bias stream __proto__'
).split(' ');
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<unknown>(...WORDS, 'https://x/y', 'DATA:image/png;base64,x', 1, 0.5, true, null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom(...KEYS), tie('value')), {
        selector: ([key]) => key,
        maxLength: 5,
      })
      .map((entries) =>
        // As `JSON.parse` does it: `__proto__` is a field like any other.
        JSON.parse(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)}}`),
      ),
  ),
})).value;
const BASES: Record<keyof typeof SCHEMAS, object> = {
  chat: { model: 'm', messages: [{ role: 'user', content: 'x' }] },
  completions: { model: 'm', prompt: 'x' },
  responses: { model: 'm', input: 'x' },
};

test.each(Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[])(
  'whatever is sent to %s, checking it in steps says what checking it in one step says',
  async (api) => {
    const schema: z.ZodType = SCHEMAS[api];
    const bodies = fc.oneof(
      json,
      fc.dictionary(fc.constantFrom(...KEYS), json).map((more) => ({ ...BASES[api], ...more })),
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const whole = schema.safeParse(body);
        const stepped = await check(schema, body, noPace, 0);
        if (whole.success) expect(stepped).toEqual({ value: whole.data });
        // Of a list the first wrong item is told; zod's own first issue is about the same one.
        else
          expect(stepped).toMatchObject({
            issue: { code: whole.error.issues[0]?.code, path: whole.error.issues[0]?.path },
          });
      }),
      { numRuns: 1500 },
    );
  },
);

/** A schema that counts how many items it has looked at. */
const counting = () => {
  let looked = 0;
  const item = z.looseObject({ type: z.string() }).refine(() => true);
  const run = item._zod.run;
  item._zod.run = (payload, context) => {
    looked++;
    return run(payload, context);
  };
  return { item, looked: () => looked };
};

const wrong = (count: number): object[] => Array.from({ length: count }, () => ({}));

test('the first wrong item of a list ends the check: no other is looked at', async () => {
  const { item, looked } = counting();
  const items = [{ type: 'a' }, { type: 'b' }, ...wrong(20_000)];
  const checked = await check(z.object({ input: z.array(item) }), { input: items }, noPace);
  expect(checked).toMatchObject({ issue: { path: ['input', 2, 'type'] } });
  expect(looked()).toBe(3);
});

test.each([
  ['a list', z.array(z.string()), Array.from({ length: 20_000 }, () => 1), [0]],
  [
    'a record',
    z.record(z.string(), z.string()),
    Object.fromEntries(wrong(20_000).map((_, at) => [`k${at}`, at])),
    ['k0'],
  ],
  ['a list in a union', z.union([z.string(), z.array(z.string())]), ['a', ...wrong(20_000)], []],
  ['a list that may be null', z.array(z.string()).nullish(), wrong(20_000), [0]],
])('of %s one issue is told', async (_, schema: z.ZodType, value, path) => {
  const checked = await check(schema, value, noPace);
  expect(checked).toMatchObject({ issue: { path } });
  expect(JSON.stringify(checked).length).toBeLessThan(1_000);
});

const LARGE: readonly (readonly [string, z.ZodType, object])[] = [
  [
    'messages',
    chatRequest,
    { model: 'm', messages: Array.from({ length: 5_000 }, () => ({ role: 'user', content: 'x' })) },
  ],
  [
    'parts',
    chatRequest,
    {
      model: 'm',
      messages: [
        { role: 'user', content: Array.from({ length: 5_000 }, () => ({ type: 'text', text: 'x' })) },
      ],
    },
  ],
  [
    'items',
    responsesRequest,
    { model: 'm', input: Array.from({ length: 5_000 }, () => ({ type: 'other' })) },
  ],
  [
    'tools',
    chatRequest,
    {
      ...BASES.chat,
      tools: Array.from({ length: 5_000 }, (_, at) => ({ type: 'function', function: { name: `f${at}` } })),
    },
  ],
  [
    'metadata',
    responsesRequest,
    {
      ...BASES.responses,
      metadata: Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`k${at}`, ''])),
    },
  ],
  [
    'unknown fields',
    responsesRequest,
    { ...BASES.responses, ...Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`k${at}`, ''])) },
  ],
];

test.each(LARGE)(
  'a body with many %s is checked in many turns of the event loop',
  async (_, schema, body) => {
    const { pace, turns } = countingPace(10);
    expect(await validate(schema, body, pace)).toEqual(body);
    // Ten looks at the clock a turn, and at least one look for each of the 5,000.
    expect(turns()).toBeGreaterThan(400);
  },
);

test('what is refused deep in a large body is told as in a small one', async () => {
  const good = Array.from({ length: 5_000 }, () => ({ role: 'user', content: 'x' }));
  const content = [{ type: 'text', text: 'a' }, { type: 'text' }];
  const body = { model: 'm', messages: [...good, { role: 'user', content }] };
  expect(await rejectionOf(validate(chatRequest, body, noPace))).toMatchObject({
    code: 'missing_required_parameter',
    param: 'messages[5000].content[1].text',
    message: "'messages[5000].content[1].text' is required.",
  });
});

test('a list that is too long is refused for its length', async () => {
  const stop = Array.from({ length: 5_000 }, () => 'x');
  expect(await rejectionOf(validate(chatRequest, { ...BASES.chat, stop }, noPace))).toMatchObject({
    code: 'invalid_value',
    param: 'stop',
  });
});
