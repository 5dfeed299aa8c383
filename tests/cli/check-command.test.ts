import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { text as readAll } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { cleanEnv, runCli } from '../support/gateway.ts';
import { withRedactFile } from '../support/redact-rules.ts';

const BIN = fileURLToPath(new URL('../../bin/throughline.mjs', import.meta.url));
const RULES = "keys: [employee_id]\npatterns: ['EMP-[0-9]{6}']\n";

test('check shows what a text becomes under the rules of a file', async () => {
  await withRedactFile(RULES, async (path) => {
    const args = ['check', '--redact', path, 'EMP-123456 said password=hunter2'];
    expect(await runCli(args, { cwd: tmpdir() })).toEqual({
      code: 0,
      stdout: '[REDACTED] said password=[REDACTED]\n',
      stderr: `throughline: the built-in rules, and of ${path}: keys 1, patterns 1\n`,
    });
  });
});

test('check reads stdin, JSON as JSON, and the file that PROXY_REDACT_FILE names', async () => {
  await withRedactFile(RULES, async (path) => {
    const child = spawn(process.execPath, [BIN, 'check'], {
      cwd: tmpdir(),
      env: { ...cleanEnv(), PROXY_REDACT_FILE: path },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin?.end('{"employeeId":{"n":1},"a":"b"}');
    const [stdout] = await Promise.all([child.stdout ? readAll(child.stdout) : '', once(child, 'close')]);
    expect([child.exitCode, stdout]).toEqual([0, '{"employeeId":"[REDACTED]","a":"b"}\n']);
  });
});

test('check ends with 2 and one line where the file is wrong', async () => {
  await withRedactFile("patterns: ['abc+']", async (path) => {
    expect(await runCli(['check', '--redact', path], { cwd: tmpdir() })).toEqual({
      code: 2,
      stdout: '',
      stderr: `throughline: ${path}:1:16: + has no upper bound: write {0,32} or {1,32}, say\n`,
    });
  });
});
