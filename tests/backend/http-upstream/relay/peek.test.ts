import { peek } from '../../../../src/backend/http-upstream/relay/peek.ts';

async function* chunksOf(texts: readonly string[], error?: Error): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
  if (error) throw error;
}
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const readAll = async (bytes: AsyncIterable<Uint8Array>, seen: string[] = []): Promise<string[]> => {
  for await (const chunk of bytes) seen.push(textOf(chunk));
  return seen;
};

test('the beginning is read, and all of it can be read again', async () => {
  const { start, bytes } = await peek(chunksOf(['ab', 'cd', 'ef']), 3);
  expect(textOf(start)).toBe('abcd');
  expect(await readAll(bytes)).toEqual(['ab', 'cd', 'ef']);
});

test('a short one is read to its end', async () => {
  const { start, bytes } = await peek(chunksOf(['ab']), 100);
  expect(textOf(start)).toBe('ab');
  expect(await readAll(bytes)).toEqual(['ab']);
});

test('one that breaks off breaks for its reader, behind what had come', async () => {
  const { start, bytes } = await peek(chunksOf(['ab'], new Error('broken')), 100);
  const seen: string[] = [];
  expect(textOf(start)).toBe('ab');
  await expect(readAll(bytes, seen)).rejects.toThrow('broken');
  expect(seen).toEqual(['ab']);
});
