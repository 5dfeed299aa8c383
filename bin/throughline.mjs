#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openCompileCache } from './compile-cache.mjs';

const OLDEST = [22, 18];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const runsTypeScript = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);

if (runsTypeScript) {
  const problem = openCompileCache();
  if (problem) {
    process.stderr.write(`throughline: ${problem}\n`);
    process.exit(2);
  }
  await import('../src/cli/main.ts');
} else {
  // The pinned Node comes with the dependencies; npm scripts find it by themselves, a plain shell does not.
  const pinned = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  if (!existsSync(pinned)) {
    process.stderr.write(
      `throughline needs Node ${OLDEST.join('.')} or newer; this is ${process.versions.node}. Run npm ci.\n`,
    );
    process.exit(2);
  }
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
