import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { joinFiles, joinWriters } from '../../src/composition/writers.ts';

describe('the gateways that write one file', () => {
  let folder: string;
  let other: ChildProcess;
  const path = () => join(folder, 'proto.ndjson');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'throughline-writers-'));
    other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  });
  afterEach(async () => {
    other.kill();
    await rm(folder, { recursive: true, force: true });
  });

  const otherPid = () => other.pid ?? 0;

  it('are told of each other by their process ids, as long as they run', async () => {
    const first = await joinWriters(path(), otherPid());
    expect(first.others).toEqual([]);
    const second = await joinWriters(path());
    expect(second.others).toEqual([otherPid()]);
    await first.leave();
    expect((await joinWriters(path())).others).toEqual([]);
  });

  it('are not told of one that was killed, whose mark is taken away', async () => {
    await joinWriters(path(), otherPid());
    other.kill('SIGKILL');
    await once(other, 'exit');
    const own = await joinWriters(path());
    expect(own.others).toEqual([]);
    await own.leave();
    expect(await readdir(folder)).toEqual([]);
  });

  it('are not told of a process that has got the id of one that was killed', async () => {
    await writeFile(`${path()}.writer-${otherPid()}`, JSON.stringify([hostname(), '1']));
    expect((await joinWriters(path())).others).toEqual([]);
  });

  it('leave the mark of another machine alone, of whose processes nothing is known here', async () => {
    await writeFile(`${path()}.writer-${otherPid()}`, JSON.stringify(['another-machine', '1']));
    expect((await joinWriters(path())).others).toEqual([]);
    expect(await readdir(folder)).toContain(`proto.ndjson.writer-${otherPid()}`);
  });

  it('leave no mark beside what is no file, and none where none can be made', async () => {
    expect((await joinWriters('/dev/null')).others).toEqual([]);
    expect(await readdir('/dev')).not.toContain(`null.writer-${process.pid}`);
    await writeFile(path(), '');
    expect((await joinWriters(join(path(), 'below-a-file.ndjson'))).others).toEqual([]);
  });

  it('share several files, each with those who write it', async () => {
    const usage = join(folder, 'usage.ndjson');
    await joinWriters(usage, otherPid());
    const joined = await joinFiles([path(), usage]);
    expect(joined.shared).toEqual([{ path: usage, pids: [otherPid()] }]);
    await joined.leave();
    expect(await readdir(folder)).toEqual([`usage.ndjson.writer-${otherPid()}`]);
  });
});
