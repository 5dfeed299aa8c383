import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const RESOURCES = join(dirname(createRequire(import.meta.url).resolve('openai')), 'resources');

/** The names of the fields of an interface of the openai package, from its own declarations. */
export const fieldsOfSdkType = async (file: string, name: string): Promise<string[]> => {
  const source = await readFile(join(RESOURCES, file), 'utf8');
  const [, body] = new RegExp(`export interface ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, 's').exec(source) ?? [];
  if (body === undefined) throw new Error(`${file} has no interface ${name}`);
  return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, field = '']) => field);
};
