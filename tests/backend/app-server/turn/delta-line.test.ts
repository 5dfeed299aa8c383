import { parseMessage } from '../../../../src/backend/app-server/rpc/message.ts';
import {
  beginningOf,
  type DeltaNotification,
  learnDeltaLine,
  readDelta,
} from '../../../../src/backend/app-server/turn/delta-line.ts';

const PARAMS = { threadId: 'th', turnId: 't', itemId: 'm1' };

const lineOf = (delta: string, more: object = {}, time = ''): string =>
  `${JSON.stringify({ method: 'item/agentMessage/delta', params: { ...PARAMS, delta, ...more } }).slice(0, -1)}${time}}`;

const notificationOf = (line: string): DeltaNotification =>
  parseMessage(line) as unknown as DeltaNotification;

const learn = (line: string) => learnDeltaLine(line, notificationOf(line));

const DELTAS = [
  'word',
  '',
  ' ',
  '"',
  '\\',
  '\n\u2028',
  '"}}',
  '","delta":"x',
  '😀',
  '\ud800',
  ',"emittedAtMs":5}',
];

test.each([
  ['a delta that stands last', {}, ''],
  ['one with something behind it', { summaryIndex: 0, x: { delta: 'y' } }, ''],
  ['one with the time behind all', {}, ',"emittedAtMs":1795000000000'],
])('lines of %s are read without parsing them, each delta as JSON.parse has it', (_, more, time) => {
  const known = learn(lineOf('first', more, time));
  if (!known) throw new Error('not learnt');
  for (const delta of DELTAS) {
    const line = lineOf(delta, more, time.replace('1795', '1796'));
    expect(beginningOf(line)).toBe(known.before);
    expect(readDelta(line, known)).toBe(delta);
    const shown = JSON.parse(known.before + JSON.stringify(delta) + known.after);
    expect(shown).toEqual({ method: 'item/agentMessage/delta', params: { ...PARAMS, delta, ...more } });
  }
});

test('a delta that is written otherwise than JSON.stringify writes it is the same text', () => {
  const known = learn(lineOf('first'));
  const line = lineOf('X').replace('"X"', '"\\u0041\\/"');
  expect(known && readDelta(line, known)).toBe('A/');
});

test.each([
  ['another item', lineOf('x').replace('m1', 'm2')],
  ['another end', lineOf('x', { summaryIndex: 0 })],
  ['a further field', lineOf('x', {}, ',"id":5')],
  ['a time that is no number', lineOf('x', {}, ',"emittedAtMs":')],
  ['a time that is no JSON', lineOf('x', {}, ',"emittedAtMs":007')],
  ['a delta that ends early', lineOf('x').replace('"x"', '"x","delta":"y"')],
  ['a delta that is no JSON', lineOf('x').replace('"x"', '"\\q"')],
  ['a delta that is a number', lineOf('x').replace('"x"', '5')],
  ['a delta that is cut', lineOf('x').replace('"x"', '"x')],
  ['a line that is cut', lineOf('x').slice(0, -1)],
  ['something behind it', `${lineOf('x')} `],
  ['nothing', ''],
])('a line with %s is parsed', (_, line) => {
  const known = learn(lineOf('first'));
  if (!known) throw new Error('not learnt');
  const isKnown = beginningOf(line) === known.before && readDelta(line, known) !== null;
  expect(isKnown).toBe(false);
});

test.each([
  ['blanks between its parts', `{"method": "item/agentMessage/delta","params":{"itemId":"m1","delta":"x"}}`],
  ['its parts in another order', `{"params":{"itemId":"m1","delta":"x"},"method":"item/agentMessage/delta"}`],
  ['a field twice', `{"method":"a","params":{"itemId":"m1","itemId":"m2","delta":"x"}}`],
  ['a field beside its params', `{"method":"a","jsonrpc":"2.0","params":{"itemId":"m1","delta":"x"}}`],
  ['a delta within another field', `{"method":"a","params":{"x":{"delta":""},"itemId":"m1","delta":"x"}}`],
  ['no text', lineOf('')],
  ['a long beginning', lineOf('x').replace('"m1"', `"${'m'.repeat(2_000)}"`)],
])('a line that has %s teaches nothing', (_, line) => {
  expect(learn(line)).toBeNull();
});
