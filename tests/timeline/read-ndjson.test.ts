import { symlink } from 'node:fs/promises';
import { createNdjsonReader, LogFileError, readNdjson } from '../../src/timeline/read-ndjson.ts';
import { createLogFolder, type LogFolder } from './log-folder.ts';

const readAll = async (path: string): Promise<string[]> => {
  const lines: string[] = [];
  await readNdjson(path, ({ bytes, number }) => lines.push(`${number}:${bytes.toString()}`));
  return lines;
};

describe('reading a log file', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  it('reads rotated siblings first, the highest number being the oldest', async () => {
    await logs.write('a.ndjson', 'new\n');
    await logs.write('a.ndjson.1', 'older\n');
    await logs.write('a.ndjson.2', 'old\n');
    await logs.write('a.ndjson.10', 'oldest\n');
    expect(await readAll(logs.path('a.ndjson'))).toEqual(['1:oldest', '1:old', '1:older', '1:new']);
  });

  it('leaves alone files that only begin with the same name', async () => {
    await logs.write('a.ndjson', 'mine\n');
    await logs.write('a.ndjson.bak', 'not mine\n');
    await logs.write('a.ndjson.1.gz', 'not mine\n');
    expect(await readAll(logs.path('a.ndjson'))).toEqual(['1:mine']);
  });

  it('reads rotated siblings though the file itself is not there yet', async () => {
    await logs.write('a.ndjson.1', 'rotated\n');
    expect(await readAll(logs.path('a.ndjson'))).toEqual(['1:rotated']);
  });

  it('puts lines together that are longer than a chunk, and counts them', async () => {
    const long = 'x'.repeat(700_000);
    await logs.write('a.ndjson', `first\n\n${long}\nlast`);
    const lines = await readAll(logs.path('a.ndjson'));
    expect(lines.map((line) => line.slice(0, 8))).toEqual(['1:first', '3:xxxxxx', '4:last']);
    expect(lines[1]).toHaveLength(700_002);
  });

  it('says that a missing file is not found, in a missing folder too', async () => {
    expect(await readNdjson(logs.path('none.ndjson'), () => undefined)).toBe(false);
    expect(await readNdjson(logs.path('no/such/folder.ndjson'), () => undefined)).toBe(false);
  });

  it('refuses a directory in words', async () => {
    const reading = readAll(logs.path('.'));
    await expect(reading).rejects.toBeInstanceOf(LogFileError);
    await expect(reading).rejects.toThrow(`cannot read ${logs.path('.')}: it is a directory`);
  });

  it('says why a file may not be read', async () => {
    await symlink(logs.path('loop.ndjson'), logs.path('loop.ndjson'));
    await expect(readAll(logs.path('loop.ndjson'))).rejects.toThrow(
      `cannot read ${logs.path('loop.ndjson')}`,
    );
  });
});

describe('reading on', () => {
  let logs: LogFolder;
  const lines: string[] = [];
  const take = async (reader: ReturnType<typeof createNdjsonReader>): Promise<string[]> => {
    await reader.read(({ bytes }) => lines.push(bytes.toString()));
    return lines.splice(0);
  };
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  it('waits for the end of a line that is being written', async () => {
    const reader = createNdjsonReader(logs.path('a.ndjson'));
    await logs.write('a.ndjson', 'one\ntw');
    expect(await take(reader)).toEqual(['one']);
    await logs.append('a.ndjson', 'o\nthree\n');
    expect(await take(reader)).toEqual(['two', 'three']);
    await reader.close();
  });

  it('loses nothing when the file is rotated twice between two looks', async () => {
    const reader = createNdjsonReader(logs.path('a.ndjson'));
    expect(await take(reader)).toEqual([]);
    await logs.write('a.ndjson', 'one\n');
    expect(await take(reader)).toEqual(['one']);
    await logs.append('a.ndjson', 'two\n');
    await logs.move('a.ndjson', 'a.ndjson.2');
    await logs.write('a.ndjson.1', 'three\n');
    await logs.write('a.ndjson', 'four\n');
    expect(await take(reader)).toEqual(['two', 'three', 'four']);
    expect(await take(reader)).toEqual([]);
    await reader.close();
  });

  it('starts again when the file is emptied in place', async () => {
    const reader = createNdjsonReader(logs.path('a.ndjson'));
    await logs.write('a.ndjson', 'one\ntwo\n');
    await take(reader);
    await logs.write('a.ndjson', 'new\n');
    expect(await take(reader)).toEqual(['new']);
    await reader.close();
  });
});
