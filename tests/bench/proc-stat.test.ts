import { cpuBetween, parseChildren, parseCpuMs, parseRss } from '../../bench/machine/proc-stat.ts';

const stat = (name: string): string =>
  `42 (${name}) S 1 42 42 0 -1 4194304 9000 0 0 0 123 45 7 8 20 0 11 0 394530 3133440 409 18446744073709551615 0`;

test('processor time is that of the user and of the system, without ended children', () => {
  expect(parseCpuMs(stat('node'))).toBe(1_680);
});

test('a name with brackets and blanks does not move the fields', () => {
  expect(parseCpuMs(stat('a) b (c'))).toBe(1_680);
});

test('what is no stat file is refused', () => {
  expect(() => parseCpuMs('')).toThrow('this is no /proc/<pid>/stat');
  expect(() => parseRss('Name:\tnode\n')).toThrow('this is no /proc/<pid>/status');
});

test('resident memory is given in bytes', () => {
  expect(parseRss('Name:\tnode\nVmPeak:\t  9000 kB\nVmRSS:\t  2048 kB\nRssAnon:\t 9 kB\n')).toBe(2_097_152);
});

test('children are listed by their ids', () => {
  expect(parseChildren('17 18 ')).toEqual([17, 18]);
  expect(parseChildren('')).toEqual([]);
});

test('what was used between two looks is told for the thread, the process and its children', () => {
  const before = { thread: 10, own: 20, all: 30 };
  expect(cpuBetween(before, { thread: 15, own: 40, all: 70 })).toEqual({ thread: 5, own: 20, all: 40 });
});
