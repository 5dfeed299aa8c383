import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installVenv, venvOf } from '../tests/support/python-venv.ts';

/** The gateways of others. They are no dependencies of ours: they are kept outside of the tree, so that clones share them. */

const execute = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(`peers/${path}`, import.meta.url));

const cache = (): string =>
  process.env['THROUGHLINE_BENCH_CACHE'] || join(homedir(), '.cache', 'throughline-bench');

const PORTKEY_FILES = ['package.json', 'package-lock.json'] as const;
const LITELLM_PINS = here('litellm/requirements.txt');
/** Folders that change with what is pinned. */
const portkeyPlace = (): string => venvOf(cache(), 'portkey', here('portkey/package-lock.json'));
const litellmPlace = (): string => venvOf(cache(), 'litellm', LITELLM_PINS);

/** Runs `fill` on an empty folder, unless it went through before. */
const installOnce = async (place: string, fill: () => Promise<unknown>): Promise<void> => {
  const mark = join(place, 'installed');
  if (existsSync(mark)) return;
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  await fill();
  await writeFile(mark, '');
};

const installPortkey = (): Promise<void> => {
  const place = portkeyPlace();
  return installOnce(place, async () => {
    for (const file of PORTKEY_FILES) await copyFile(here(`portkey/${file}`), join(place, file));
    await execute('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: place,
    });
  });
};

const installLitellm = async (): Promise<void> => {
  await installVenv(litellmPlace(), LITELLM_PINS);
};

const INSTALLS: Readonly<Record<string, () => Promise<void>>> = {
  portkey: installPortkey,
  litellm: installLitellm,
};

/** Installs the program of a row that is somebody else's; resolves with why that failed, or with null. */
export const preparePeer = async (row: string): Promise<string | null> => {
  try {
    await INSTALLS[row]?.();
    return null;
  } catch (thrown) {
    const { message, stderr } = thrown as Error & { stderr?: string };
    return (stderr || message).trim().split('\n').slice(-4).join('\n');
  }
};

export const portkeyCommand = (port: number): string[] => [
  process.execPath,
  join(portkeyPlace(), 'node_modules/@portkey-ai/gateway/build/start-server.js'),
  `--port=${port}`,
  '--headless',
];

export const litellmCommand = (port: number, folder: string): string[] => [
  join(litellmPlace(), 'bin', 'litellm'),
  ...['--config', join(folder, 'config.yaml'), '--host', '127.0.0.1', '--port', String(port)],
  ...['--num_workers', '1'],
];
