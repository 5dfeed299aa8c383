import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createReplayCommand } from '../../src/cli/replay.ts';
import { createLogFolder, type LogFolder } from '../timeline/log-folder.ts';
import { createMirrorBuilder } from '../timeline/mirror-builder.ts';
import { receive, submit } from '../timeline/request-steps.ts';
import { runTrace } from './run-trace.ts';

const replay = async (logs: LogFolder, reqId: string): Promise<string> => {
  const stdout = new PassThrough();
  const defaults = { protoLog: logs.protoLog, usageLog: logs.usageLog };
  const printed = text(stdout);
  await createReplayCommand({ defaults, stdout }).parseAsync(['--req-id', reqId], { from: 'user' });
  stdout.end();
  return printed;
};

describe('a backend that nests its spans thousands deep', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  const nest = async (count: number): Promise<readonly string[]> => {
    const mirror = createMirrorBuilder();
    receive(mirror);
    submit(mirror);
    for (let depth = 0; depth < count; depth++) {
      const parent = depth === 0 ? 'turn/start' : `deep ${depth - 1}`;
      mirror.span({ name: 'deep', id: `deep ${depth}`, parent, service: 'codex', from: 30, to: 40 });
    }
    await logs.record({ proto: mirror.lines, usage: [], access: [] });
    return ['--req-id', mirror.reqId];
  };

  it('is shown, with a word about the depth', async () => {
    const { stdout, exitCode } = await runTrace(logs, await nest(6000));
    expect(exitCode).toBe(0);
    expect(stdout).toContain('5939 spans lie deeper than 64 levels');
  });

  it('costs as much a span in the JSON document, however many they are', async () => {
    const short = (await runTrace(logs, [...(await nest(2000)), '--json'])).stdout;
    const long = (await runTrace(logs, [...(await nest(6000)), '--json'])).stdout;
    expect(long.match(/"name": "deep"/g)).toHaveLength(6000);
    expect(long.length).toBeLessThan(3.1 * short.length);
  });

  it('is replayed whole', async () => {
    const [, reqId = ''] = await nest(6000);
    expect((await replay(logs, reqId)).match(/"name":"deep"/g)).toHaveLength(6000);
  });
});
