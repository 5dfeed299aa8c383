import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './source-tree.ts';

/** A value, and the type of the openai package that it must have: an expression over what `IMPORTS` names. */
export type TypedValue = { readonly type: string; readonly value: unknown };

/** The package has no type for a chunk of a completion: the API sends the whole one's, with nulls until its end. */
const IMPORTS = `import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses';
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { Completion, CompletionChoice } from 'openai/resources/completions';
type Unended = Omit<CompletionChoice, 'finish_reason'> & { finish_reason: CompletionChoice['finish_reason'] | null };
type CompletionChunk = Omit<Completion, 'choices' | 'usage'> & { choices: Unended[]; usage?: Completion['usage'] | null };
type Event<T> = Extract<ResponseStreamEvent, { type: T }>;
`;

const TSCONFIG = {
  compilerOptions: {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    target: 'es2024',
    module: 'nodenext',
    types: [],
  },
};

/**
 * What the TypeScript compiler finds wrong with the values: a field that is missing, undeclared or of another type. Each
 * value is checked as a literal, so the compiler refuses what its type does not declare. Values that fit are not in the map.
 */
export const misfits = async (values: readonly TypedValue[]): Promise<Map<TypedValue, string[]>> => {
  const base = join(ROOT, '.throughline-test');
  await mkdir(base, { recursive: true });
  // Below the project, so that the compiler finds the openai package.
  const folder = await mkdtemp(join(base, 'types-'));
  try {
    const lines = values.map(({ type, value }) => `(${JSON.stringify(value)}) satisfies ${type};\n`);
    await writeFile(join(folder, 'values.ts'), `${IMPORTS}${lines.join('')}`);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const ran = promisify(execFile)(process.execPath, [tsc, '--pretty', 'false', '-p', folder]);
    const output = await ran.then(
      ({ stdout }) => stdout,
      (failed: { stdout: string; stderr: string }) => failed.stdout || failed.stderr,
    );
    return complaintsOf(output, values);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const complaintsOf = (output: string, values: readonly TypedValue[]): Map<TypedValue, string[]> => {
  const complaints = new Map<TypedValue, string[]>();
  for (const line of output.split('\n').filter((text) => text !== '')) {
    const row = Number(/values\.ts\((\d+),/.exec(line)?.[1]) - IMPORTS.split('\n').length;
    const value = values[row];
    if (!value) throw new Error(`the compiler failed: ${line}`);
    complaints.set(value, [
      ...(complaints.get(value) ?? []),
      `${value.type}: ${line.replace(/^.*?error /, '')}`,
    ]);
  }
  return complaints;
};
