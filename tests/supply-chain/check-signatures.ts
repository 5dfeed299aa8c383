import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { judge } from './judge.ts';

// `npm run signatures`: fails where a package is not the one that was published, and says so where that cannot be known.
const child = spawn('npm', ['audit', 'signatures', '--json', '--fetch-retries=0'], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
const { state, lines } = judge(stdout, code);
process.stdout.write(lines.map((line) => `signatures: ${line}\n`).join(''));
process.exitCode = state === 'invalid' ? 1 : 0;
