import { truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mirrorSettings, openUsageLog, retentionOf } from '../../src/composition/files.ts';
import { readConfig } from '../../src/config/index.ts';
import { createLog, type Log } from '../../src/telemetry/log.ts';
import { openLoggedFile } from '../../src/telemetry/mirror/logged-file.ts';
import type { NdjsonFile } from '../../src/telemetry/mirror/ndjson-file.ts';
import { refusedPathOf } from '../../src/telemetry/mirror/refused-path.ts';
import { policyOf } from '../support/sanitizer.ts';
import { inDirectory } from '../telemetry/ndjson-support.ts';

const MIB = 1024 * 1024;

/** The files in a directory of its own, as the environment bounds them. */
const inFiles = (
  env: Record<string, string>,
  use: (config: ReturnType<typeof readConfig>, log: Log, directory: string) => Promise<void>,
): Promise<void> =>
  inDirectory(async (directory) => {
    const paths = {
      PROTO_LOG_PATH: join(directory, 'proto.ndjson'),
      TOKEN_LOG_PATH: join(directory, 'usage.ndjson'),
    };
    const log = await createLog('silent', 'test', policyOf('full'));
    await use(readConfig({ ...paths, ...env }), log, directory);
    await log.close();
  });

/** Opens a share of the mirror, as the telemetry thread does. */
const openMirrorShare = (
  config: ReturnType<typeof readConfig>,
  log: Log,
  share: 'main' | 'refused',
): NdjsonFile => {
  const settings = mirrorSettings(config)?.[share];
  if (!settings) throw new Error('there is no mirror');
  return openLoggedFile(settings, log.logger);
};

const sizes = async (directory: string, name: string): Promise<number[]> => {
  const names = (await readdir(directory)).filter((file) => file.startsWith(name));
  return Promise.all(names.map(async (file) => (await stat(join(directory, file))).size));
};

const plant = (path: string, ageDays: number): void => {
  writeFileSync(path, '{"v":1}\n');
  const seconds = Date.now() / 1000 - ageDays * 86_400;
  utimesSync(path, seconds, seconds);
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

test('the mirror is never larger in all than PROXY_MIRROR_MAX_BYTES, refused requests included', () =>
  inFiles({ PROXY_MIRROR_MAX_BYTES: String(32 * MIB) }, async (config, log, directory) => {
    const shares = [openMirrorShare(config, log, 'main'), openMirrorShare(config, log, 'refused')];
    const line = JSON.stringify('x'.repeat(500_000));
    for (let number = 0; number < 50; number++) {
      for (const share of shares) {
        share.write(line);
        await share.flush();
      }
    }
    for (const share of shares) await share.close();
    expect((await sizes(directory, 'proto.ndjson')).length).toBe(8);
    const bytes = sum(await sizes(directory, 'proto.'));
    expect(bytes).toBeLessThanOrEqual(32 * MIB);
    expect(bytes).toBeGreaterThan(20 * MIB);
  }));

test('a flood of refused requests leaves the mirror as it was, and keeps within its own bound', () =>
  inFiles({}, async (config, log, directory) => {
    const mirror = openMirrorShare(config, log, 'main');
    const refused = openMirrorShare(config, log, 'refused');
    mirror.write('{"a":"trace of somebody"}');
    await mirror.flush();
    const line = JSON.stringify({ refused: 'x'.repeat(64 * 1024) });
    for (let bytes = 0; bytes < 40 * MIB; bytes += line.length) {
      refused.write(line);
      await refused.flush();
    }
    await Promise.all([mirror.close(), refused.close()]);
    expect(await readFile(config.mirrorPath, 'utf8')).toBe('{"a":"trace of somebody"}\n');
    const names = (await readdir(directory)).sort();
    expect(names).toEqual(['proto.ndjson', 'proto.refused.ndjson', 'proto.refused.ndjson.1']);
    expect(sum(await sizes(directory, 'proto.refused'))).toBeLessThanOrEqual(16 * MIB);
  }));

test.each([
  ['/a/proto.ndjson', '/a/proto.refused.ndjson'],
  ['/a.b/proto', '/a.b/proto.refused'],
  ['/a/.proto', '/a/.refused.proto'],
  ['/dev/stderr', '/dev/stderr'],
])('the refused share of %s is %s', (path, refused) => {
  expect(refusedPathOf(path)).toBe(refused);
});

test('the usage log keeps every file, however many and however old, through a rotation', () =>
  inFiles({}, async (config, log, directory) => {
    for (let number = 1; number <= 20; number++) plant(`${config.usagePath}.${number}`, number * 100);
    plant(config.usagePath, 50);
    truncateSync(config.usagePath, 64 * MIB);
    const usage = openUsageLog(config, log);
    usage.write('{"v":1}');
    await usage.close();
    expect((await readdir(directory)).length).toBe(22);
    expect(await sizes(directory, 'usage.ndjson')).toContain(64 * MIB);
    expect(retentionOf(config)).toBe('mirror up to 536870912 bytes, usage log without a bound');
  }));

test.each([
  [
    'proto.ndjson',
    (...[config, log]: Parameters<typeof openUsageLog>) => openMirrorShare(config, log, 'main'),
  ],
  [
    'proto.refused.ndjson',
    (...[config, log]: Parameters<typeof openUsageLog>) => openMirrorShare(config, log, 'refused'),
  ],
  ['usage.ndjson', openUsageLog],
])('PROXY_RETENTION_DAYS removes what is older of %s', (name, open) =>
  inFiles({ PROXY_RETENTION_DAYS: '7' }, async (config, log, directory) => {
    for (const [index, days] of [3, 6, 8, 90].entries()) plant(join(directory, `${name}.${index + 1}`), days);
    const removed = new Promise((resolve) => {
      log.logger.info = (fields: unknown) => resolve(fields);
    });
    const file = open(config, log);
    expect(await removed).toMatchObject({ files: 2 });
    await file.close();
    expect((await readdir(directory)).sort()).toEqual([`${name}.1`, `${name}.2`]);
    expect(retentionOf(config)).toMatch(/both for 7 days$/);
  }),
);
