import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './support/source-tree.ts';

const LINT = [
  join(ROOT, 'node_modules/.bin/oxlint'),
  '--type-aware',
  '-c',
  join(ROOT, '.oxlintrc.json'),
] as const;

/** What the linter says of a file with these lines in a function, in a project with our own settings. */
const lint = async (statements: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-lint-'));
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), include: ['probe.ts'], exclude: [] }),
    );
    await writeFile(
      join(folder, 'probe.ts'),
      `import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
interface Server { stop(): Promise<void> }
const own = async (): Promise<void> => undefined;
export const probe = (server: Server | undefined, list: readonly string[], emitter: NodeJS.EventEmitter) => {
  ${statements}
  return [server, list, emitter, once, readFile, own];
};
`,
    );
    const [command, ...args] = LINT;
    const { stdout } = await promisify(execFile)(process.execPath, [command, ...args, 'probe.ts'], {
      cwd: folder,
    }).catch((failed: { stdout?: string }) => ({ stdout: failed.stdout ?? String(failed) }));
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

test.each([
  'own();',
  "readFile('x');",
  "once(emitter, 'x');",
  'server?.stop();',
  'list.map(() => own());',
  'own().then(() => undefined);',
])('the linter finds the floating promise of %s', async (statement) => {
  expect(await lint(statement)).toContain('no-floating-promises');
});

test('the linter lets a promise pass that is awaited, handed on or left on purpose', async () => {
  const said = await lint(
    'void own();\n  const kept = own();\n  void kept;\n  own().catch(() => undefined);',
  );
  expect(said).toMatch(/Found 0 warnings and 0 errors/);
});
