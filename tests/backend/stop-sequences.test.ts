import { cutAtStop } from '../../src/backend/stop-sequences.ts';
import { createTextJoiner, isLast, type TurnEvent, type Usage } from '../../src/gateway/turn.ts';
import { createRandom, type Random } from '../support/random.ts';

const text = (delta: string, message = 0): TurnEvent => ({ type: 'text', delta, message });
const done: TurnEvent = { type: 'done', finishReason: 'stop' };
const usage = { type: 'usage', usage: { total_tokens: 1 } as Usage } as const;

/** What is told of a turn, and whether its reader left before its end. */
const cutFor = (isStream: boolean, stop: readonly string[], events: readonly TurnEvent[]) => {
  const told: TurnEvent[] = [];
  const take = cutAtStop(stop, isStream, (event) => void told.push(event));
  for (const [index, event] of events.entries()) {
    take(event);
    if (told.some(isLast)) return { told, left: index < events.length - 1 };
  }
  return { told, left: false };
};
const cut = (stop: readonly string[], ...events: TurnEvent[]) => cutFor(true, stop, events);

/** The text as a client has it. */
const saidIn = (told: readonly TurnEvent[]): string => {
  const join = createTextJoiner();
  return told.map((event) => (event.type === 'text' ? join(event) : '')).join('');
};

test('without a stop sequence everything passes as it came', () => {
  const events = [text('one '), usage, text('two'), done];
  expect(cut([], ...events)).toEqual({ told: events, left: false });
});

test('the answer ends before the stop sequence, and the rest is not waited for', () => {
  expect(cut(['STOP'], text('one STOP two'), text('three'), done)).toEqual({
    told: [text('one '), done],
    left: true,
  });
});

test('of two sequences that overlap the one that is complete first cuts, however the text is split', () => {
  const stop = ['aaabb', 'ab'];
  for (const split of [['aaabb'], ['aaab', 'b'], ['a', 'a', 'a', 'b', 'b']]) {
    const { told } = cut(stop, ...split.map((delta) => text(delta)), done);
    expect(saidIn(told)).toBe('aa');
  }
});

test('a sequence that begins the answer leaves nothing but its end', () => {
  expect(cut(['a'], text('abc'), done).told).toEqual([done]);
});

test('of several sequences the first in the text cuts, not the first in the list', () => {
  expect(saidIn(cut(['three', 'two'], text('one two three'), done).told)).toBe('one ');
});

test('a sequence over three deltas is found, and no part of it is told', () => {
  const { told } = cut(['<end>'], text('so <'), text('en'), text('d> more'), done);
  expect(told).toEqual([text('so '), done]);
});

test('what only looked like a beginning is told once that is known', () => {
  const { told } = cut(['<end>'], text('a <e'), text('m> b'), done);
  expect(told).toEqual([text('a '), text('<em> b'), done]);
});

test('what is held back at the end of the turn is told before the end', () => {
  expect(cut(['<end>'], text('a <en'), usage, done).told).toEqual([text('a '), usage, text('<en'), done]);
});

test('messages are one text with a blank line between them, as the client has them', () => {
  const { told } = cut(['ab'], text('xa', 0), text('bx', 1), done);
  expect([saidIn(told), told.at(-1)]).toEqual(['xa\n\nbx', done]);
});

test.each(['\n\n', 'two\n\nthree'])('%j is found where one message ends and the next begins', (sequence) => {
  const { told, left } = cut([sequence], text('one two', 0), text('three four', 1), done);
  expect('one two\n\nthree four'.startsWith(saidIn(told) + sequence)).toBe(true);
  expect([told.at(-1), left]).toEqual([done, true]);
});

test('each piece of the text stays with its message, and what was held of one that is given up is not told', () => {
  const givenUp: TurnEvent = { type: 'given_up', messages: [1], parts: [] };
  const { told } = cut(['<end>'], text('one <', 0), text('tw<e', 1), givenUp, text('two<end>', 2), done);
  expect(told).toEqual([text('one ', 0), text('<', 0), text('tw', 1), givenUp, text('two', 2), done]);
});

const givesUp = (message: number): TurnEvent => ({ type: 'given_up', messages: [message], parts: [] });

test('of many messages that are held nothing is lost', () => {
  const messages = ['1', '2', '3', '4', 'z'].map((said, message) => text(said, message));
  const { told } = cut(['1\n\n2\n\n3\n\n4\n\n5', '3\n\n4\n\nzz'], ...messages, text('y', 4), done);
  expect(saidIn(told)).toBe('1\n\n2\n\n3\n\n4\n\nzy');
});

test.each([true, false])('a sequence is found behind a message that is given up (stream: %s)', (isStream) => {
  const events = [text('one', 0), text('old', 1), givesUp(1), text('new text', 2), done];
  const { told, left } = cutFor(isStream, ['\n\nnew'], events);
  expect([saidIn(told), left]).toEqual(['one\n\nold', true]);
});

test('a message of which nothing was told is given up as if it had never been, and a sequence behind it is found', () => {
  const events = [text('one', 0), text('b', 1), givesUp(1), text('new text', 2), done];
  const { told, left } = cut(['bx', '\n\nnew'], ...events);
  expect([saidIn(told), left]).toEqual(['one', true]);
});

test('the first message follows nothing in a whole answer without the one that is given up; a stream has told that', () => {
  const events = [text('old', 0), givesUp(0), text('new text', 1), done];
  expect(cutFor(false, ['\n\nnew'], events)).toEqual({ told: events, left: false });
  expect(cutFor(true, ['\n\nnew'], events).told).toEqual([...events.slice(0, 2), done]);
});

test('a held text goes out before a tool call', () => {
  const call: TurnEvent = { type: 'tool_call', callId: 'c', name: 'n', arguments: '{}' };
  expect(cut(['zz'], text('z', 3), call, done).told).toEqual([text('z', 3), call, done]);
});

test('a turn that fails tells what was held, and then its failure', () => {
  const failed = { type: 'failed', error: new Error('x') } as unknown as TurnEvent;
  expect(cut(['zz'], text('az'), failed).told).toEqual([text('a'), text('z'), failed]);
});

/** A text of few letters, so that sequences and their beginnings are everywhere, and some sequences of them. */
const draw = (random: Random) => {
  const word = (length: number) => Array.from({ length }, () => random.pick(['a', 'b', 'ab', '🙂'])).join('');
  const whole = word(random.below(40));
  const stop = Array.from({ length: 1 + random.below(4) }, () => word(1 + random.below(4)));
  const deltas: string[] = [];
  for (let at = 0; at < whole.length; ) {
    const next = at + 1 + random.below(5);
    deltas.push(whole.slice(at, next));
    at = next;
  }
  return { whole, stop, deltas };
};

/** The plain meaning, letter by letter: the answer ends before what is the first to be complete. */
const expected = (whole: string, stop: readonly string[]): string => {
  for (let end = 1; end <= whole.length; end++) {
    const ending = stop.filter((sequence) => whole.slice(0, end).endsWith(sequence));
    if (ending.length > 0) return whole.slice(0, end - Math.max(...ending.map(({ length }) => length)));
  }
  return whole;
};

test.each(Array.from({ length: 300 }, (_, seed) => seed))(
  'however the text is split, what is told is the text before the first sequence (seed %i)',
  (seed) => {
    const { whole, stop, deltas } = draw(createRandom(seed));
    const { told, left } = cut(stop, ...deltas.map((delta) => text(delta)), done);
    const wanted = expected(whole, stop);
    expect({ stop, deltas, said: saidIn(told) }).toEqual({ stop, deltas, said: wanted });
    expect(told.filter(({ type }) => type === 'done')).toEqual([done]);
    expect(left).toBe(wanted !== whole);
    expect(told.every((event) => event.type !== 'text' || event.delta !== '')).toBe(true);
  },
);
