import { mkdir } from 'node:fs/promises';
import { createLogFolder, type LogFolder } from '../timeline/log-folder.ts';
import { runTrace } from './run-trace.ts';

describe('how throughline trace ends', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  it('with 1, and one line that says where it looked, when it finds nothing', async () => {
    await logs.write('proto.ndjson', '');
    const { exitCode, stdout, stderr } = await runTrace(logs, [
      '--req-id',
      'req_000000000000',
      '--access-log',
      logs.accessLog,
    ]);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `throughline: nothing of req_000000000000 in ${logs.protoLog}, ${logs.usageLog} (no such file), ${logs.accessLog} (no such file)\n`,
    );
  });

  it.each([[[]], [['--last']], [['--follow']]])(
    'with 1 where there is no newest request: %j',
    async (args) => {
      await logs.write('proto.ndjson', '{"v":1,"type":"event","kind":"client_request"\n');
      const { exitCode, stdout, stderr } = await runTrace(logs, args);
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toBe(`throughline: no request in ${logs.protoLog}, ${logs.usageLog}\n`);
    },
  );

  it.each([
    [
      'the newest request and another one',
      ['--last', '--req-id', 'x'],
      /'--last' cannot be used with .*'--req-id <id>'/,
    ],
    ['an id that no request can have', ['--req-id', 'a b'], /A request id is 1 to 128 of A-Z a-z 0-9/],
    [
      'an unknown phase',
      ['--req-id', 'x', '--phase', 'nope'],
      /Allowed: http_ingress, backend_submission, backend_io, client_egress, usage_summary\./,
    ],
    [
      'an unknown kind among known ones',
      ['--req-id', 'x', '--kind', 'usage,nope'],
      /Allowed: client_request, .*trace_error, access\./,
    ],
    ['an unknown option', ['--req-id', 'x', '--nope'], /unknown option '--nope'/],
    ['words too many', ['x', 'y'], /too many arguments/],
    ['an id and an id', ['x', '--req-id', 'y'], /'id' cannot be used with option '--req-id <id>'/],
    ['an id and the newest', ['x', '--last'], /'id' cannot be used with option '--last'/],
    ['an id alone that no request can have', ['a b'], /A request id is 1 to 128 of A-Z a-z 0-9/],
  ])('with 2 for %s', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await runTrace(logs, args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('with 2, and the reason, for a file that cannot be read', async () => {
    await mkdir(logs.protoLog);
    const { exitCode, stderr } = await runTrace(logs, ['--req-id', 'x']);
    expect([exitCode, stderr]).toEqual([2, `throughline: cannot read ${logs.protoLog}: it is a directory\n`]);
  });

  it('with 0 for --help, which goes to stdout', async () => {
    const { exitCode, stdout, stderr } = await runTrace(logs, ['--help']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('--follow');
  });
});
