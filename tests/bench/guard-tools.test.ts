import { compare, isGood, renew } from '../../bench/guard/budget.ts';
import { readInstructions } from '../../bench/guard/instructions.ts';
import { countSyscalls } from '../../bench/guard/syscalls.ts';

const NAMES = { gateway: '4000', model: '5000', mirror: '.throughline/proto.ndjson' };

const counted = (...lines: readonly string[]) =>
  Object.fromEntries(Object.entries(countSyscalls(lines.join('\n'), NAMES)).filter(([, count]) => count > 0));

test('calls on the sockets of the client and of the server are told apart by their ports', () => {
  expect(
    counted(
      '12 read(24<TCPv6:[[::ffff:127.0.0.1]:4000->[::ffff:127.0.0.1]:61]>, ""..., 65536) = 65',
      '12 write(24<TCP:[127.0.0.1:4000->127.0.0.1:61]>, ""..., 5) = 5',
      '12    writev(23<TCP:[127.0.0.1:62->127.0.0.1:5000]>, [{iov_base=""..., iov_len=1}], 1) = 1',
      '12 read(23<TCP:[127.0.0.1:62->127.0.0.1:5000]>,  <unfinished ...>',
      '12 <... read resumed>""..., 65536) = 123',
    ),
  ).toEqual({
    'reads from the client': 1,
    'writes to the client': 1,
    'writes to the server': 1,
    'reads from the server': 1,
  });
});

test('of files, writes to the mirror alone are counted', () => {
  expect(
    counted(
      '13 write(30</tmp/a/.throughline/proto.ndjson>, ""..., 900) = 900',
      '13 write(31</tmp/a/.throughline/usage.ndjson>, ""..., 90) = 90',
      '13 read(30</tmp/a/.throughline/proto.ndjson>, ""..., 900) = 900',
      '13 write(9<anon_inode:[eventfd]>, ""..., 8) = 8',
      '13 write(40<TCP:[127.0.0.1:62->127.0.0.1:4318]>, ""..., 8) = 8',
    ),
  ).toEqual({ 'writes to the mirror': 1 });
});

test('the instructions are those that callgrind has collected', () => {
  expect(readInstructions('{"bytes":1}\n==7== Events    : Ir\n==7== Collected : 297504419\n')).toBe(
    297504419,
  );
  expect(() => readInstructions('==7== killed')).toThrow('callgrind has counted nothing');
});

test('a figure whose tool is not there is not measured, which is no failure', () => {
  const [one] = compare({ relay: { instructions: 100 } }, { relay: { instructions: null } });
  expect(one?.verdict).toBe('not measured');
  expect(one && isGood(one)).toBe(true);
});

test('a new budget keeps what could not be measured', () => {
  const measured = { relay: { instructions: null }, plain: { spans: 8 } };
  expect(renew({ relay: { instructions: 100 }, plain: { spans: 7 } }, measured)).toEqual({
    relay: { instructions: 100 },
    plain: { spans: 8 },
  });
});

const verdict = (scene: string, what: string, budget: number, is: number) =>
  compare({ [scene]: { [what]: budget } }, { [scene]: { [what]: is } })[0]?.verdict;

test('what comes together by chance is bounded from above alone', () => {
  const what = 'writes to the client beyond reads from the server';
  expect(verdict('http, stream-64', what, 1, -1)).toBe('kept');
  expect(verdict('http, stream-64', what, 1, 68)).toBe('over');
  expect(verdict('http, stream-64', 'writes to the mirror', 3, 0.5)).toBe('kept');
});

test('a second call of a plain request is seen', () => {
  expect(verdict('http, plain', 'reads from the client', 1, 1.1)).toBe('kept');
  expect(verdict('http, plain', 'reads from the client', 1, 2)).toBe('over');
  expect(verdict('http, plain', 'writes to the client beyond reads from the server', 0, 1)).toBe('over');
});
