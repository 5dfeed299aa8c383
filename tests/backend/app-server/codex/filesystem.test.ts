import { filesystemRules, isWithin } from '../../../../src/backend/app-server/codex/filesystem.ts';

const PROGRAM = '/opt/codex/bin/codex';
const LOGS = { path: '/data', files: '/data/proto.ndjson*' };
const HOME = { path: '/home/me/.codex' };
const ALLOWED = {
  ':minimal': 'read',
  ':workspace_roots': 'read',
  [PROGRAM]: 'read',
  '/opt/codex/codex-path': 'read',
};

test.each([
  ['/a', '/a', true],
  ['/a/b', '/a', true],
  ['/ab', '/a', false],
  ['/', '/a', false],
  ['/a/..b', '/a', true],
  ['/a', '/', true],
])('%s is in %s: %s', (path, folder, expected) => {
  expect(isWithin(path, folder)).toBe(expected);
});

test('a command reads the system, its working directory and the program of Codex; no rule tells of anything else', () => {
  expect(filesystemRules(PROGRAM, [LOGS, HOME], '/tmp/turn')).toEqual(ALLOWED);
});

test.each(['/home/me/.codex', '/home/me/.codex/logs', '/usr/lib/node_modules/throughline', '/etc/codex'])(
  'what is hidden in the working directory or the system has a rule: %s',
  (path) => {
    expect(filesystemRules(PROGRAM, [{ path }], '/home/me')).toEqual({ ...ALLOWED, [path]: 'none' });
  },
);

test('where the turn works in the folder of a log, its files are hidden', () => {
  expect(filesystemRules(PROGRAM, [LOGS], '/data')).toEqual({ ...ALLOWED, '/data/proto.ndjson*': 'none' });
  expect(filesystemRules(null, [LOGS], '/data/work')).toEqual({
    ':root': 'read',
    '/data/proto.ndjson*': 'none',
  });
});

test('a folder above Codex or the turn is not hidden: nothing else of it can be read anyway', () => {
  expect(filesystemRules(PROGRAM, [{ path: '/opt' }, HOME], '/home/me/.codex/work')).toEqual(ALLOWED);
});

test('a turn in a folder that is hidden itself reads nothing', () => {
  expect(filesystemRules(PROGRAM, [HOME], '/home/me/.codex')).toEqual({
    ...ALLOWED,
    '/home/me/.codex': 'none',
  });
});

test('where the program of Codex is not known, all can be read but what is hidden', () => {
  expect(filesystemRules(null, [LOGS, HOME], '/tmp/turn')).toEqual({
    ':root': 'read',
    '/data': 'none',
    '/home/me/.codex': 'none',
  });
  expect(filesystemRules(null, [HOME], '/home/me/.codex/work')).toMatchObject({ '/home/me/.codex': 'none' });
});

test('of folders in each other the outer one is hidden, each once', () => {
  const hidden = ['/srv/gateway', '/srv/gateway/logs', '/srv/gateway/logs'].map((path) => ({ path }));
  expect(filesystemRules(null, hidden, '/tmp/turn')).toEqual({ ':root': 'read', '/srv/gateway': 'none' });
});
