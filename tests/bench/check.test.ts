import { plainAnswer, streamedAnswer, textOf } from '../../bench/answers.ts';
import { createCheck, readStream } from '../../bench/load/check.ts';
import { sceneOf } from '../../bench/scenes.ts';

const stream = sceneOf('stream-8');
const plain = sceneOf('plain');
const whole = streamedAnswer(8).join('');
const sent = (text: string): Buffer => Buffer.from(text);

test('the answer of the model passes, streamed and not, by its bytes', () => {
  expect(createCheck(stream, 'bytes')(200, sent(whole))).toBeNull();
  expect(createCheck(plain, 'bytes')(200, sent(plainAnswer(8)))).toBeNull();
});

test('other bytes with the same text pass only where the text is what counts', () => {
  const other = whole.replaceAll('chatcmpl-bench', 'chatcmpl-other').replaceAll('"content":', '"content": ');
  expect(createCheck(stream, 'text')(200, sent(other))).toBeNull();
  expect(createCheck(stream, 'bytes')(200, sent(other))).toBe('the bytes are not those of the model');
});

test.each([
  ['without its end', whole.slice(0, -14), 'the last frame is missing'],
  ['without a chunk', streamedAnswer(8).toSpliced(3, 1).join(''), '7 chunks instead of 8'],
  ['with another word', whole.replace('word5', 'ward5'), 'another text'],
])('a stream %s is wrong, and it is said how', (_, body, problem) => {
  expect(createCheck(stream, 'text')(200, sent(body))).toBe(problem);
});

test('another status is wrong, and shows the beginning of the body', () => {
  expect(createCheck(plain, 'text')(503, sent('busy'))).toBe('status 503: busy');
});

test('a plain answer with another text is wrong', () => {
  expect(createCheck(plain, 'text')(200, sent(plainAnswer(7)))).toBe('another text');
});

test('a stream is read as text, number of chunks, and whether its end is there', () => {
  expect(readStream(whole)).toEqual({ text: textOf(8), chunks: 8, isWhole: true });
});
