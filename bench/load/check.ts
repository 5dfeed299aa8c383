import { createHash } from 'node:crypto';
import { plainAnswer, streamedAnswer, textOf } from '../answers.ts';
import type { Scene } from '../scenes.ts';
import type { Check } from './messages.ts';

const hashOf = (bytes: Buffer | string): string => createHash('sha1').update(bytes).digest('base64');

const CONTENT = /"content":\s*"((?:[^"\\]|\\.)*)"/g;
const LAST_FRAME = /data: \[DONE\]\s*$/;

/** What a streamed answer says, and in how many chunks. */
export const readStream = (body: string): { text: string; chunks: number; isWhole: boolean } => {
  const parts = [...body.matchAll(CONTENT)].map(([, part = '']) => part).filter((part) => part !== '');
  return { text: parts.join(''), chunks: parts.length, isWhole: LAST_FRAME.test(body.slice(-40)) };
};

const readPlain = (body: string): string => {
  const { choices } = JSON.parse(body) as { choices?: { message?: { content?: string } }[] };
  return choices?.[0]?.message?.content ?? '';
};

/** Says what is wrong with an answer; null where nothing is. */
export type AnswerCheck = (status: number, body: Buffer) => string | null;

/** Checks each answer of a scene: its status, its chunks, its last frame, and the hash of its bytes or of its text. */
export const createCheck = ({ stream, words, kind }: Scene, check: Check): AnswerCheck => {
  const said = kind === 'quiet' ? 8 : words;
  const bytesHash = hashOf(stream ? streamedAnswer(said).join('') : plainAnswer(said));
  const textHash = hashOf(textOf(said));

  const checkText = (body: string): string | null => {
    if (!stream) return hashOf(readPlain(body)) === textHash ? null : 'another text';
    const read = readStream(body);
    if (!read.isWhole) return 'the last frame is missing';
    if (read.chunks !== said) return `${read.chunks} chunks instead of ${said}`;
    return hashOf(read.text) === textHash ? null : 'another text';
  };

  return (status, body) => {
    if (status !== 200) return `status ${status}: ${body.toString('utf8', 0, 200)}`;
    if (hashOf(body) === bytesHash) return null;
    const text = checkText(body.toString('latin1'));
    if (text !== null) return text;
    return check === 'text' ? null : 'the bytes are not those of the model';
  };
};
