import { HELP, type Options, readOptions } from '../../bench/options.ts';

const read = (...args: string[]): Options => {
  const options = readOptions(args);
  if (!('rows' in options)) throw new Error(`refused: ${JSON.stringify(options)}`);
  return options;
};
const names = (all: readonly { name: string }[]): string[] => all.map(({ name }) => name);

test('without a flag all usual rows and scenes are measured, and the results are written', () => {
  const { rows, scenes, pace, whole } = read();
  expect(names(rows)).toEqual(expect.arrayContaining(['model', 'full', 'full-0', 'full-10', 'portkey']));
  expect(names(rows)).not.toContain('litellm');
  expect(names(scenes)).toEqual(
    expect.arrayContaining(['plain', 'stream-8', 'stream-64', 'stream-512', 'prompt-1mb', 'quiet']),
  );
  expect(names(scenes)).not.toContain('idle');
  expect(pace.rounds).toBe(5);
  expect(whole).toBe(true);
});

test('--quick leaves rows and scenes out, and has some scenes on few rows', () => {
  const { rows, scenes, pace } = read('--quick');
  expect(names(rows)).not.toContain('full-10');
  expect(names(scenes)).not.toContain('stream-512');
  expect(scenes.find(({ name }) => name === 'quiet')?.only).toEqual(['hono-fetch', 'full']);
  expect(pace.rounds).toBe(3);
});

test('--row and --scene measure these alone, in the order of the tables, and leave the results as they are', () => {
  const { rows, scenes, whole } = read('--row', 'full', '--row', 'model', '--scene', 'stream-64');
  expect(names(rows)).toEqual(['model', 'full']);
  expect(names(scenes)).toEqual(['stream-64']);
  expect(whole).toBe(false);
});

test('--idle and --with add what is not usual', () => {
  const { rows, scenes, whole } = read('--idle', '--with', 'litellm');
  expect(names(rows)).toContain('litellm');
  expect(names(scenes)).toContain('idle');
  expect(whole).toBe(true);
});

test('--rounds is how many rounds there are', () => {
  expect(read('--rounds', '7').pace.rounds).toBe(7);
});

test.each([
  [['--row', 'fastest'], /--row fastest: allowed are model, relay/],
  [['--scene', 'rain'], /--scene rain: allowed are plain, stream-8/],
  [['--with', 'portkey'], /--with portkey: allowed are litellm/],
  [['--rounds', '0'], /--rounds 0: allowed are 1 to 99/],
  [['--rounds', 'many'], /--rounds many: allowed are 1 to 99/],
  [['--loud'], /--loud/],
  [['full'], /full/],
])('%j is a wrong call, which says what is allowed', (args, problem) => {
  expect(readOptions(args)).toEqual({ problem: expect.stringMatching(problem) });
});

test('--help names every flag, row and scene', () => {
  expect(readOptions(['--help', '--quick'])).toEqual({ help: true });
  const { rows, scenes } = read('--idle', '--with', 'litellm');
  for (const { name } of [...rows, ...scenes]) expect(HELP).toContain(name);
});
