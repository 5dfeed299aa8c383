import type { AnswerFacts } from '../../../../src/backend/http-upstream/read-along/answer-facts.ts';
import { readWhole } from '../../../../src/backend/http-upstream/read-along/read-whole.ts';
import {
  createStreamReading,
  type ReadPiece,
} from '../../../../src/backend/http-upstream/read-along/stream-reading.ts';
import { UPSTREAM_CASES, type UpstreamCase } from '../../../fixtures/upstream/index.ts';
import { createFakeSpan } from '../../../support/fake-span.ts';
import { noPace } from '../../../support/pace.ts';

const readStream = async (api: UpstreamCase['api'], reads: readonly Uint8Array[]) => {
  const reading = createStreamReading({
    api,
    hidesUsage: false,
    span: createFakeSpan(),
    pace: noPace,
  });
  const pieces: ReadPiece[] = [];
  for (const read of reads) pieces.push(await reading.push(read));
  pieces.push(await reading.end());
  const frames = pieces.flatMap(({ frames: some }) => some);
  return { bytes: Buffer.concat(pieces.map(({ bytes }) => bytes)), frames, facts: reading.facts };
};

/** What of the facts the corpus tells. */
const factsOf = ({ id, model, usage, finishReasons, calls, error }: AnswerFacts) => ({
  id,
  model,
  usage,
  finishReason: finishReasons[0] ?? null,
  calls,
  error: error && { message: error.message, code: error.code, type: error.type },
});

const expectedFacts = ({ expected }: UpstreamCase) => {
  const { id, model, usage, finishReason, calls, error } = expected;
  return { id, model, usage, finishReason, calls, error };
};

const isStream = ({ status, contentType }: UpstreamCase): boolean =>
  status < 400 && contentType.startsWith('text/event-stream');

const streams = UPSTREAM_CASES.filter(isStream).map((entry) => [entry.name, entry] as const);
const wholes = UPSTREAM_CASES.filter((entry) => !isStream(entry)).map(
  (entry) => [`${entry.name}${entry.stream ? ' (to a stream)' : ''}`, entry] as const,
);

describe.each(streams)('%s', (_, entry) => {
  const bytes = Buffer.concat(entry.chunks);

  const check = async (reads: readonly Uint8Array[]): Promise<void> => {
    const read = await readStream(entry.api, reads);
    const firstToken = read.frames.findIndex(({ hasToken }) => hasToken);
    const isCut = !read.facts.hasEnded && read.facts.error === null;
    expect({
      ...factsOf(read.facts),
      isCut,
      firstToken: firstToken === -1 ? null : firstToken,
      terminal: read.frames.filter(({ terminal }) => terminal).length,
    }).toEqual({
      ...expectedFacts(entry),
      isCut: entry.expected.isCut,
      firstToken: entry.expected.firstToken,
      terminal: entry.expected.terminal ? 1 : 0,
    });
    expect(read.bytes.equals(bytes)).toBe(true);
  };

  test('is read as it came', () => check(entry.chunks));

  test('is read byte by byte', () => check([...bytes].map((byte) => Uint8Array.of(byte))));

  test('is read wherever it is cut', async () => {
    const differing: number[] = [];
    const wanted = JSON.stringify(expectedFacts(entry));
    for (let at = 1; at < bytes.length; at++) {
      const read = await readStream(entry.api, [bytes.subarray(0, at), bytes.subarray(at)]);
      const isSame = JSON.stringify(factsOf(read.facts)) === wanted && read.bytes.equals(bytes);
      if (!isSame) differing.push(at);
    }
    expect(differing).toEqual([]);
  });
});

test.each(wholes)('%s', async (_, entry) => {
  const { facts } = await readWhole(Buffer.concat(entry.chunks), {
    api: entry.api,
    isError: entry.status >= 400,
    isEvents: entry.contentType.startsWith('text/event-stream'),
    pace: noPace,
  });
  expect(factsOf(facts)).toEqual(expectedFacts(entry));
});
