import fc from 'fast-check';
import { readWhole } from '../../../../src/backend/http-upstream/read-along/read-whole.ts';
import { createStreamReading } from '../../../../src/backend/http-upstream/read-along/stream-reading.ts';
import type { Api } from '../../../../src/gateway/relay.ts';
import { bytesOf } from '../../../fixtures/upstream/upstream-case.ts';
import { createFakeSpan } from '../../../support/fake-span.ts';
import { noPace } from '../../../support/pace.ts';

const NAMES = (
  'id model choices delta message text content refusal reasoning reasoning_content tool_calls function custom name arguments input index ' +
  'finish_reason usage prompt_tokens completion_tokens total_tokens prompt_tokens_details cached_tokens x_groq error errors detail code type ' +
  'status object response output item call_id incomplete_details reason logprobs item_id function_call'
).split(' ');

const APIS: readonly Api[] = ['chat', 'completions', 'responses', 'embeddings', 'moderations', 'other'];

const WORDS = [
  '',
  'error',
  'stop',
  'response.completed',
  'response.output_item.done',
  'function_call',
  'x.delta',
  'sk-',
];

/** JSON of any shape, whose members have the names that are read. */
const anyShape = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -1, 1.5, 1e300, ...WORDS),
    fc.string(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...NAMES, '__proto__', 'constructor'), tie('value'), {
      maxKeys: 6,
      noNullPrototype: true,
    }),
  ),
})).value;

const eventNames = fc.constantFrom('', 'event: error\n', 'event: response.completed\n', 'event: message\r');

test('a stream of any shape is passed on as it came', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...APIS),
      fc.array(fc.tuple(eventNames, anyShape), { maxLength: 6 }),
      fc.nat(400),
      async (api, said, cut) => {
        const bytes = bytesOf(
          said.map(([name, value]) => `${name}data: ${JSON.stringify(value)}\n\n`).join(''),
        );
        const reading = createStreamReading({
          api,
          hidesUsage: false,
          span: createFakeSpan(),
          pace: noPace,
        });
        const pieces = [
          await reading.push(bytes.subarray(0, cut)),
          await reading.push(bytes.subarray(cut)),
          await reading.end(),
        ];
        expect(Buffer.concat(pieces.map((piece) => piece.bytes)).equals(bytes)).toBe(true);
        expect(pieces.flatMap(({ frames }) => frames)).toHaveLength(said.length);
        JSON.stringify([reading.facts, pieces.flatMap(({ frames }) => frames)]);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a whole answer of any shape is read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...APIS), anyShape, fc.boolean(), async (api, value, isError) => {
      const bytes = bytesOf(JSON.stringify(value));
      const { facts } = await readWhole(bytes, { api, isError, isEvents: false, pace: noPace });
      if (isError) expect(facts.error).not.toBeNull();
    }),
    { numRuns: 2_000 },
  );
});

test('bytes of any kind are passed on as they came', async () => {
  const signs = fc.constantFrom(
    '\r',
    '\n',
    ':',
    ' ',
    'data',
    'event',
    '{',
    '"',
    '[DONE]',
    '\uFEFF',
    'ü',
    '😀',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(signs, { maxLength: 60 }),
      fc.boolean(),
      fc.nat(80),
      async (parts, hidesUsage, cut) => {
        const bytes = bytesOf(parts.join(''));
        const reading = createStreamReading({
          api: 'chat',
          hidesUsage,
          span: createFakeSpan(),
          pace: noPace,
        });
        const out = [
          await reading.push(bytes.subarray(0, cut)),
          await reading.push(bytes.subarray(cut)),
          await reading.end(),
        ];
        expect(Buffer.concat(out.map((piece) => piece.bytes)).equals(bytes)).toBe(true);
      },
    ),
    { numRuns: 2_000 },
  );
});
