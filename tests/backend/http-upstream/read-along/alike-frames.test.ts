import fc from 'fast-check';
import {
  createStreamReading,
  type StreamReadingOptions,
} from '../../../../src/backend/http-upstream/read-along/stream-reading.ts';
import type { TraceSpan } from '../../../../src/gateway/ports.ts';
import type { Api } from '../../../../src/gateway/relay.ts';
import { UPSTREAM_CASES } from '../../../fixtures/upstream/index.ts';
import { bytesOf, chunk, DONE, events, named } from '../../../fixtures/upstream/upstream-case.ts';
import { createFakeSpan, shownValue } from '../../../support/fake-span.ts';
import { noPace } from '../../../support/pace.ts';

type Options = Pick<StreamReadingOptions, 'api' | 'hidesUsage' | 'hear'>;

/** A span that counts the frames that were not parsed. */
const countingSpan = () => {
  const counts = { alike: 0 };
  const span: TraceSpan = {
    ...createFakeSpan(),
    texts() {
      const texts = createFakeSpan().texts();
      const frame: typeof texts.frame = (...parts) => {
        counts.alike++;
        return texts.frame(...parts);
      };
      return {
        ...texts,
        frame,
        get size() {
          return texts.size;
        },
      };
    },
  };
  return { span, counts };
};

/** All that is read of a stream. */
const read = async (reads: readonly Uint8Array[], options: Options) => {
  const { span, counts } = countingSpan();
  const reading = createStreamReading({ ...options, span, pace: noPace });
  const pieces = [];
  for (const piece of reads) {
    const { bytes, frames } = await reading.push(piece);
    pieces.push({
      bytes: Buffer.from(bytes).toString('latin1'),
      frames,
      inFrame: reading.inFrame,
      facts: reading.facts,
    });
  }
  const { bytes, frames } = await reading.end();
  pieces.push({
    bytes: Buffer.from(bytes).toString('latin1'),
    frames,
    inFrame: reading.inFrame,
    facts: reading.facts,
  });
  const shown = pieces.map((piece) => ({
    ...piece,
    frames: piece.frames.map((frame) => ({ ...frame, shown: shownValue(frame.shown) })),
  }));
  return { told: { pieces: shown, rest: shownValue(reading.rest()) }, alike: counts.alike };
};

/** The same, with each event parsed: somebody hears its value. */
const readParsed = (reads: readonly Uint8Array[], options: Options) =>
  read(reads, { ...options, hear: () => undefined });

const cutAt = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
};

const cuts = fc.array(fc.nat(20_000), { maxLength: 12 });

test.each(
  UPSTREAM_CASES.filter(({ status }) => status < 400).map(
    ({ name, api, chunks }) => [name, api, chunks] as const,
  ),
)('what is told of "%s" is the same, wherever it is cut', async (_, api, chunks) => {
  const whole = Buffer.concat(chunks);
  await fc.assert(
    fc.asyncProperty(cuts, fc.boolean(), async (at, hidesUsage) => {
      const reads = cutAt(whole, at);
      const options = { api, hidesUsage };
      expect((await read(reads, options)).told).toEqual((await readParsed(reads, options)).told);
    }),
    { numRuns: 20 },
  );
});

const delta = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'word',
    ' stop',
    'stop',
    'assistant',
    '"',
    '\\',
    '\n',
    'ü',
    '😀',
    '\u2028',
    'sk-proj-abc',
    'obfuscation',
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

const ids = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm-1' };
const choice = (members: object, finish: string | null = null): object => ({
  ...ids,
  choices: [{ index: 0, ...members, logprobs: null, finish_reason: finish }],
});
const responseDelta = (text: string, sequence_number: number, obfuscation: string) => ({
  type: 'response.output_text.delta',
  content_index: 0,
  delta: text,
  item_id: 'msg_1',
  logprobs: [],
  obfuscation,
  output_index: 0,
  sequence_number,
});

/** Events that come in runs, in which each has another text. */
const SHAPES: readonly ((text: string, at: number, padding: string) => object)[] = [
  (content) => choice({ delta: { content } }),
  (content, _, obfuscation) => ({ ...choice({ delta: { content } }), obfuscation }),
  (text, at, padding) => responseDelta(text, at, padding),
  (text) => choice({ text }),
  (reasoning) => choice({ delta: { content: 'x', reasoning } }),
  (content) => choice({ delta: { content } }, 'stop'),
  (content) => ({ ...choice({ delta: { content } }), usage: { total_tokens: content.length } }),
  (token) => choice({ delta: { content: token }, logprobs: { content: [{ token }] } }),
  (text) =>
    choice({ delta: { tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: text } }] } }),
  (message) => ({ error: { message } }),
  () => ({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }),
];

const run = fc
  .tuple(
    fc.nat(SHAPES.length - 1),
    fc.array(fc.tuple(delta, fc.nat(20), fc.string({ maxLength: 6 })), { maxLength: 8 }),
  )
  .map(([shape, parts]) => parts.map(([text, at, padding]) => SHAPES[shape]?.(text, at, padding) ?? {}));

/** As different servers write the same JSON. */
const spellings: readonly ((value: object) => string)[] = [
  (value) => JSON.stringify(value),
  (value) => JSON.stringify(value).replaceAll('":', '": ').replaceAll(',"', ', "'),
  (value) =>
    JSON.stringify(value).replaceAll(
      /[\u007f-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  (value) => JSON.stringify(value).replace('"content":', '"content":"first","content":'),
];
const frameOf = (value: object, data: string): string =>
  'type' in value ? `event: ${value.type}\ndata: ${data}\n\n` : `data: ${data}\n\n`;

test('what is told of events that are alike is the same as if each was parsed', async () => {
  let alike = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Api>('chat', 'completions', 'responses', 'other'),
      fc.array(run, { maxLength: 6 }),
      fc.constantFrom(...spellings),
      cuts,
      fc.boolean(),
      async (api, said, spell, at, hidesUsage) => {
        const text = said
          .flat()
          .map((value) => frameOf(value, spell(value)))
          .join('');
        const reads = cutAt(bytesOf(`${text}data: [DONE]\n\n`), at);
        const quick = await read(reads, { api, hidesUsage });
        alike += quick.alike;
        expect(quick.told).toEqual((await readParsed(reads, { api, hidesUsage })).told);
      },
    ),
    { numRuns: 400 },
  );
  expect(alike).toBeGreaterThan(400);
});

const words = Array.from({ length: 50 }, (_, index) => ` word${index}`);

test.each<[string, Api, string]>([
  [
    'chunks of a chat',
    'chat',
    events(
      chunk({ role: 'assistant', content: '' }),
      ...words.map((content) => chunk({ content })),
      chunk({}, 'stop'),
      DONE,
    ),
  ],
  [
    'padded chunks',
    'chat',
    events(
      ...words.map((content, at) => ({ ...choice({ delta: { content } }), obfuscation: 'x'.repeat(at % 9) })),
    ),
  ],
  [
    'reasoning, and then an answer',
    'chat',
    events(
      ...words.map((text) => chunk({ reasoning_content: text })),
      ...words.map((content) => chunk({ content })),
    ),
  ],
  [
    'numbered deltas of a response',
    'responses',
    words.map((text, at) => named(responseDelta(text, at + 4, 'x'.repeat(at % 7)))).join(''),
  ],
])('%s are parsed at the beginning alone', async (_, api, text) => {
  const { alike, told } = await read([bytesOf(text)], { api, hidesUsage: false });
  expect(told.pieces.flatMap(({ frames }) => frames).length - alike).toBeLessThan(8);
  const byFrame = text.split(/(?<=\n\n)/).map(bytesOf);
  expect((await read(byFrame, { api, hidesUsage: false })).alike).toBe(alike);
});

test('of events of which none is like the one before each is parsed, and few are learned', async () => {
  const text = events(...words.map((content, at) => ({ ...choice({ delta: { content } }), created: at })));
  const { alike } = await read(text.split(/(?<=\n\n)/).map(bytesOf), { api: 'chat', hidesUsage: false });
  expect(alike).toBe(0);
});
