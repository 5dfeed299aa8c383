import { commandOf, isAlive, type ObservedProcess, startProcess } from '../../../support/backend-process.ts';
import { GIVE_UP_MS } from '../../../support/give-up.ts';

const started: ObservedProcess[] = [];
const start = (...given: Parameters<typeof startProcess>): ObservedProcess => {
  const process = startProcess(...given);
  started.push(process);
  return process;
};

afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.stop(0)));
});

test('lines go in and lines come out', async () => {
  const child = start(commandOf('answers'));
  expect(child.send('{"id":1,"method":"initialize"}')).toBe(true);
  expect(await child.waitForLine((line) => line.includes('"id":1'))).toBe(
    '{"id":1,"result":{"userAgent":"fixture"}}',
  );
});

test('it gets the environment that it is given and nothing of ours', async () => {
  process.env['THROUGHLINE_TEST_SECRET'] = 'x';
  const child = start(commandOf('answers'), { GIVEN: 'yes' });
  child.send('{"id":1,"method":"test/env"}');
  const line = await child.waitForLine((each) => each.includes('GIVEN'));
  delete process.env['THROUGHLINE_TEST_SECRET'];
  expect(line).not.toContain('THROUGHLINE_TEST_SECRET');
});

test('it leads a group of its own, so that Ctrl-C in the terminal does not reach it', async () => {
  const child = start(commandOf('never-answers'));
  await child.waitForLine((line) => line.includes('test/up'));
  expect(() => process.kill(-(child.pid ?? 0), 0)).not.toThrow();
});

test('how it ended is told: its code', async () => {
  const child = start(commandOf('exits-at-once'));
  expect(await child.exited).toMatchObject({ code: 4, signal: null, stderr: { lines: 1, bytes: 17 } });
  expect(child.send('anybody there?')).toBe(true);
});

test('how it ended is told: the signal', async () => {
  const child = start(commandOf('answers'));
  process.kill(child.pid ?? Number.NaN, 'SIGKILL');
  expect(await child.exited).toMatchObject({ code: null, signal: 'SIGKILL' });
});

test('a program that does not exist is an exit with a reason, and hurts nobody', async () => {
  const child = start(['/nowhere/codex', 'app-server']);
  child.send('hello');
  expect(await child.exited).toMatchObject({ code: null, error: expect.stringContaining('ENOENT') });
  expect(await child.stop(0)).toMatchObject({ code: null });
});

test('a flood on stderr is read, counted and not kept', async () => {
  const child = start(commandOf('floods-stderr'));
  await child.waitForLine((line) => line === '"after the flood"');
  expect(await child.exited).toMatchObject({ code: 0, stderr: { lines: 4096, bytes: 4_194_304 } });
});

test('stopping closes stdin and lets it end by itself', async () => {
  const child = start(commandOf('answers'));
  child.send('{"id":1,"method":"initialize"}');
  await child.waitForLine(() => true);
  expect(await child.stop(GIVE_UP_MS)).toMatchObject({ code: 7, signal: null });
  expect(isAlive(child.pid)).toBe(false);
});

test('what does not end by itself is killed', async () => {
  const child = start(commandOf('never-answers'));
  await child.waitForLine((line) => line.includes('test/up'));
  expect(await child.stop(10)).toMatchObject({ code: null, signal: 'SIGKILL' });
  expect(isAlive(child.pid)).toBe(false);
});

test('stopping twice, at once and afterwards, tells the same end', async () => {
  const child = start(commandOf('answers'));
  child.send('{"id":1,"method":"initialize"}');
  await child.waitForLine(() => true);
  const ends = await Promise.all([child.stop(GIVE_UP_MS), child.stop(GIVE_UP_MS)]);
  ends.push(await child.stop(0));
  expect(ends.map(({ code }) => code)).toEqual([7, 7, 7]);
});

test('a process that reads nothing takes only so much', async () => {
  const child = start(commandOf('never-answers'));
  const line = 'x'.repeat(1024 * 1024);
  let taken = 0;
  while (taken < 200 && child.send(line)) taken++;
  expect(taken).toBeLessThan(80);
});

/** `exited` comes once nobody holds the pipes any more: so it says that the child's own child has ended too. */
test.each([
  ['ends when it is stopped', [], 0],
  ['crashes', ['--crash'], 5],
])('what it started itself does not outlive it when it %s', async (_, args, code) => {
  const child = start(commandOf('leaves-a-child', ...args));
  await child.waitForLine((line) => line.includes('child'));
  if (code === 0) await child.stop(GIVE_UP_MS);
  expect(await child.exited).toMatchObject({ code });
});

test('a child that left its group holds the pipes open, and keeps nobody waiting', async () => {
  const child = start(commandOf('leaves-a-child', '--apart', '--crash'));
  const line = await child.waitForLine((each) => each.includes('child'));
  const { child: pid } = JSON.parse(line) as { child: number };
  try {
    expect(await child.exited).toMatchObject({ code: 5 });
    expect(isAlive(pid)).toBe(true);
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});
