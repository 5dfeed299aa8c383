import fc from 'fast-check';
import { type MemberEdits, spliceMembers } from '../../../../src/backend/http-upstream/relay/json-splice.ts';
import { countingPace, noPace } from '../../../support/pace.ts';

const splice = async (text: string, members: MemberEdits): Promise<string> =>
  Buffer.from(await spliceMembers(Buffer.from(text), members, noPace)).toString('utf8');

const set = (value: unknown) => ({ type: 'set', value }) as const;

test.each([
  ['a value', '{"model":"a","n":1}', '{"model":"b","n":1}'],
  ['a value between blanks', '{ "model" : "a" , "n" : 1 }\n', '{ "model" : "b" , "n" : 1 }\n'],
  ['a value of any type', '{"model":[{"model":"x"},"]"],"n":1}', '{"model":"b","n":1}'],
  ['a number', '{"model":12}', '{"model":"b"}'],
  ['a key that stands twice', '{"model":"a","model":"c"}', '{"model":"b","model":"b"}'],
  ['a key that is written with escapes', String.raw`{"mod\u0065l":"a"}`, String.raw`{"mod\u0065l":"b"}`],
  ['no member of an inner object', '{"x":{"model":"a"},"model":"a"}', '{"x":{"model":"a"},"model":"b"}'],
  [
    'no text that looks like a member',
    String.raw`{"x":"\",\"model\":\"a\""}`,
    String.raw`{"x":"\",\"model\":\"a\"","model":"b"}`,
  ],
  ['a missing key, which comes last', '{"n":1 }', '{"n":1,"model":"b" }'],
  ['an empty object', '{ }', '{"model":"b" }'],
  ['behind a byte order mark', '\ufeff{"model":"a"}', '\ufeff{"model":"b"}'],
])('sets %s', async (_, before, after) => {
  expect(await splice(before, { model: set('b') })).toBe(after);
});

test('keeps the digits of numbers, the order of keys, escapes and blanks', async () => {
  const rest = String.raw`"b": 12345678901234567890, "a":1.10e+2,"text":"\u00e9é\/","deep":[ {"z":1,"a":2} ]`;
  expect(await splice(`{${rest},"model":"a"}`, { model: set('b') })).toBe(`{${rest},"model":"b"}`);
});

test.each([
  ['null', '{"o":null}', '{"o":{"x":1}}'],
  ['nothing', '{}', '{"o":{"x":1}}'],
  ['an object', '{"o":{"y":2}}', '{"o":{"y":2,"x":1}}'],
  ['an object that has it', '{"o":{"x":2,"y":2}}', '{"o":{"x":1,"y":2}}'],
  ['two objects', '{"o":{},"o":{"x":7}}', '{"o":{"x":1},"o":{"x":1}}'],
  ['another value, which stays', '{"o":"n"}', '{"o":"n"}'],
])('changes the members of %s', async (_, before, after) => {
  expect(await splice(before, { o: { type: 'inside', members: { x: set(1) } } })).toBe(after);
});

test('adds what is missing alone', async () => {
  const add = { a: { type: 'add', value: 1 }, b: { type: 'add', value: 2 } } as const;
  expect(await splice('{"a":null}', add)).toBe('{"a":null,"b":2}');
  expect(await splice('{}', add)).toBe('{"a":1,"b":2}');
});

test.each([
  ['a list', '{"l":[1, [2] ]}', '{"l":[1, [2],{"x":1} ]}'],
  ['an empty list', '{"l":[ ]}', '{"l":[{"x":1} ]}'],
  ['null', '{"l":null}', '{"l":[{"x":1}]}'],
  ['nothing', '{"k":1}', '{"k":1,"l":[{"x":1}]}'],
  ['another value, which stays', '{"l":{}}', '{"l":{}}'],
])('pushes onto %s', async (_, before, after) => {
  expect(await splice(before, { l: { type: 'push', value: { x: 1 } } })).toBe(after);
});

test.each(['[{"model":"a"}]', '"model"', '12', 'null', ''])('leaves %s as it is', async (text) => {
  expect(await splice(text, { model: set('b') })).toBe(text);
});

const KEYS = ['model', 'metadata', 'stream_options', 'a', '__proto__', 'é"\\'];

const spaced = fc.constantFrom('', ' ', '\n\t', '\r\n  ');
const valueText = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.json({ maxDepth: 2 }),
    fc.bigInt().map(String),
    fc
      .tuple(spaced, fc.array(tie('value'), { maxLength: 3 }))
      .map(([s, items]) => `[${s}${items.join(`${s},`)}${s}]`),
  ),
})).value;
const memberText = fc
  .tuple(fc.constantFrom(...KEYS), valueText, spaced)
  .map(([key, value, s]) => `${s}${JSON.stringify(key)}${s}:${s}${value}${s}`);
const objectText = fc.array(memberText, { maxLength: 8 }).map((members) => `{${members.join(',')}}`);

test('a parser reads what was set, and all else as before', async () => {
  await fc.assert(
    fc.asyncProperty(
      objectText,
      fc.constantFrom('model', 'a', 'é"\\', 'new'),
      fc.jsonValue(),
      async (text, key, value) => {
        const after = JSON.parse(await splice(text, { [key]: set(value) })) as Record<string, unknown>;
        expect(after).toEqual({ ...JSON.parse(text), [key]: JSON.parse(JSON.stringify(value)) });
      },
    ),
  );
});

test('the text around a change stays, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        memberText.filter((member) => !member.includes('model')),
        { maxLength: 5 },
      ),
      async (members) => {
        const around = members.map((member) => `${member},`).join('');
        const after = await splice(`{${around}"model":"before"}`, { model: set('after') });
        expect(after).toBe(`{${around}"model":"after"}`);
      },
    ),
  );
});

test('a large body shares the event loop, and is changed all the same', async () => {
  const { pace, turns } = countingPace(4);
  const text = `{"text":${JSON.stringify('\\"x'.repeat(400_000))},"list":[${'1,'.repeat(400_000)}1],"model":"a"}`;
  const after = await spliceMembers(Buffer.from(text), { model: set('b') }, pace);
  expect(Buffer.from(after).toString().endsWith('1],"model":"b"}')).toBe(true);
  expect(turns()).toBeGreaterThan(5);
});
