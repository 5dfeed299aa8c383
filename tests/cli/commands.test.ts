import { tmpdir } from 'node:os';
import { runCli } from '../support/gateway.ts';

const run = (...args: string[]) => runCli(args, { cwd: tmpdir() });

test.each([
  [['doctor']],
  [['doctor', '--help']],
  [['--help', 'doctor']],
  [['help', 'doctor']],
  [['logs', '--req-id', 'x']],
])('%j is no command: exit code 2, and one line that says which there are', async (args) => {
  const { code, stdout, stderr } = await run(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /^throughline: there is no command '(?:doctor|logs)'; there are serve, trace, replay, check\n$/,
  );
});

test.each([[['--help']], [['help']]])('%j tells of every command in one style', async (args) => {
  const { code, stdout } = await run(...args);
  expect(code).toBe(0);
  const [, listed = ''] = stdout.split('Commands:\n');
  const described = listed.split('\n').flatMap((line) => /^ {2}(\w+) .* {2}(\S.*)$/.exec(line) ?? []);
  expect(described.filter((_, index) => index % 3 === 1)).toEqual([
    'serve',
    'trace',
    'replay',
    'check',
    'help',
  ]);
  for (const description of described.filter((_, index) => index % 3 === 2))
    expect(description).toMatch(/^[a-z].*[^.]$/);
});

test.each(['serve', 'trace', 'replay', 'check'])('%s --help is that command’s own help', async (command) => {
  const { code, stdout } = await run(command, '--help');
  expect(code).toBe(0);
  expect(stdout).toContain(`Usage: throughline ${command} `);
});

test('serve --help names what says which backends there are', async () => {
  const { stdout } = await run('serve', '--help');
  for (const name of ['PROXY_UPSTREAM_URL', 'PROXY_ROUTES', 'PROXY_APP_SERVER_CMD', 'CODEX_BIN'])
    expect(stdout).toContain(name);
});
