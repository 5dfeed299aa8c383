import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMirrorShare } from '../../src/composition/files.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { refusedPathOf } from '../../src/telemetry/mirror/refused-path.ts';

const MIB = 1024 * 1024;

test('a flood of refused requests leaves the mirror as it was, and keeps within its own bound', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-test-'));
  const log = await createLog('silent', 'test');
  const main = join(folder, 'proto.ndjson');
  const paths = { main, refused: refusedPathOf(main) };
  const mirror = openMirrorShare(paths, log, 'main', () => '');
  const refused = openMirrorShare(paths, log, 'refused', () => '');
  mirror.write('{"a":"trace of somebody"}');
  await mirror.flush();
  const line = JSON.stringify({ refused: 'x'.repeat(64 * 1024) });
  for (let bytes = 0; bytes < 40 * MIB; bytes += line.length) {
    refused.write(line);
    await refused.flush();
  }
  await Promise.all([mirror.close(), refused.close()]);
  expect(await readFile(main, 'utf8')).toBe('{"a":"trace of somebody"}\n');
  const names = (await readdir(folder)).sort();
  expect(names).toEqual(['proto.ndjson', 'proto.refused.ndjson', 'proto.refused.ndjson.1']);
  const sizes = await Promise.all(names.slice(1).map(async (name) => (await stat(join(folder, name))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(16 * MIB);
  await log.close();
  await rm(folder, { recursive: true });
});

test.each([
  ['/a/proto.ndjson', '/a/proto.refused.ndjson'],
  ['/a.b/proto', '/a.b/proto.refused'],
  ['/a/.proto', '/a/.refused.proto'],
  ['/dev/stderr', '/dev/stderr'],
])('the refused share of %s is %s', (path, refused) => {
  expect(refusedPathOf(path)).toBe(refused);
});
