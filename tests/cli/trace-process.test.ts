import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createLogFolder, type LogFolder } from '../timeline/log-folder.ts';
import { toNdjson } from '../timeline/mirror-builder.ts';
import { killed } from '../timeline/open-requests.ts';
import { streamedChat } from '../timeline/requests.ts';

const SCRIPT = fileURLToPath(new URL('../fixtures/trace-command.ts', import.meta.url));
const REQ_ID = 'req_5d2c1f0a9b3e';

describe('throughline trace as a process', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [
      SCRIPT,
      '--req-id',
      REQ_ID,
      '--proto-log',
      logs.protoLog,
      '--usage-log',
      logs.usageLog,
      ...args,
    ]);
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      said.stdout += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      said.stderr += String(chunk);
    });
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
    return { child, ended, said };
  };

  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it('prints all of a big answer into a pipe before it ends', async () => {
    const { proto, usage, access } = streamedChat();
    const [first] = proto as [Record<string, unknown>];
    const big = { ...first, payload: 'x'.repeat(3_000_000) };
    await logs.record({ proto: [big, ...proto.slice(1)], usage, access });
    const { code, stdout, stderr } = await start('--json').ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout).entries[0].payload).toHaveLength(3_000_000);
  });

  it('ends quietly when its reader has left', async () => {
    const { proto, usage, access } = streamedChat();
    const [first] = proto as [Record<string, unknown>];
    await logs.record({
      proto: [{ ...first, payload: 'x'.repeat(3_000_000) }, ...proto.slice(1)],
      usage,
      access,
    });
    const { child, ended } = start('--json');
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('follows a request to its end, then shows its tree', async () => {
    const { proto, usage } = streamedChat();
    const { said, ended } = start('--follow');
    await logs.write('proto.ndjson', toNdjson(proto.slice(0, 9)));
    await until(() => said.stdout.includes('turn/start'));
    expect(said.stdout).not.toContain('└─');
    await logs.move('proto.ndjson', 'proto.ndjson.1');
    await logs.write('proto.ndjson', toNdjson(proto.slice(9)));
    await logs.write('usage.ndjson', toNdjson(usage));
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([0, `throughline: following ${REQ_ID}; Ctrl-C ends\n`]);
    expect(stdout).toMatch(/client_sse_done[\s\S]+✓ completed[\s\S]+└─ usage_summary/);
    expect(stdout.match(/client_sse_done/g)).toHaveLength(1);
  });

  it('ends a follow at Ctrl-C with what it has seen', async () => {
    const { proto } = killed();
    await logs.write('proto.ndjson', toNdjson(proto));
    const { child, ended, said } = start('--follow', '--json');
    await until(() => said.stdout.split('\n').length > 9);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).kind),
    ).toContain('client_sse');
  });

  it('ends a follow that saw nothing with 1', async () => {
    const { child, ended, said } = start('--follow');
    await until(() => said.stderr.includes('following'));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `throughline: following ${REQ_ID}; Ctrl-C ends\nthroughline: nothing of ${REQ_ID} came\n`,
    });
  });
});
