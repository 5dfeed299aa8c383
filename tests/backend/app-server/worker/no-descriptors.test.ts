import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const FIXTURE = fileURLToPath(new URL('../../../fixtures/no-descriptors.ts', import.meta.url));

/** A process of its own, which may have 80 descriptors, `free` of them unused when it starts a worker. */
const startWith = async (free: number): Promise<{ error: string | null; code: number | null }> => {
  const script = 'ulimit -n 80; exec "$0" "$@"';
  const { stdout } = await promisify(execFile)('sh', ['-c', script, process.execPath, FIXTURE, String(free)]);
  return JSON.parse(stdout);
};

test.each([0, 1, 2, 3, 4, 5, 6])(
  'with %i descriptors left a worker that cannot be started ends with the reason, and nothing throws',
  async (free) => {
    expect((await startWith(free)).error).toMatch(/EMFILE/);
  },
);

test('with enough of them it starts', async () => {
  expect(await startWith(20)).toMatchObject({ error: null, code: 0 });
});
