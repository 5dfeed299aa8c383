import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstEventMs } from '../../bench/mirror/lag.ts';
import { countMirror } from '../../bench/mirror/lost.ts';

const line = (seq: number, kind = 'client_sse', type = 'event'): string =>
  `{"v":1,"type":"${type}","ts":"2026-12-01T09:00:00.000000Z","time_ns":"${1_000_000 + seq}","seq":${seq},"kind":"${kind}"}\n`;

test('the first whole event of what was read tells its time; spans, and a torn beginning, are passed over', () => {
  expect(firstEventMs(`_end":1}\n${line(1, 'x', 'span')}${line(2)}${line(3)}`)).toBeCloseTo(1.000002, 9);
  expect(firstEventMs(line(1, 'x', 'span'))).toBeNull();
  expect(firstEventMs('{"v":1,"type":"event","ts":"2026')).toBeNull();
});

test('lines, missing numbers and the gateway’s own words on losses are counted over all files of a mirror', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-test-'));
  const path = join(folder, 'proto.ndjson');
  try {
    await writeFile(`${path}.2`, line(0) + line(1));
    await writeFile(`${path}.1`, line(2) + line(5));
    await writeFile(path, line(6, 'trace_error') + line(7));
    await writeFile(join(folder, 'proto.refused.ndjson'), line(0, 'trace_error'));
    expect(await countMirror(path)).toEqual({ lines: 6, lost: 2, errors: 1 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
