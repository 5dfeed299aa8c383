import { readFile } from 'node:fs/promises';
import { parse } from 'smol-toml';

/** Keys of Codex's configuration whose value is the name of a variable. */
const NAME_KEYS = new Set(['env_key', 'bearer_token_env_var']);
/** Those whose values, whatever their own keys, are. */
const NAMES_KEYS = new Set(['env_http_headers', 'env_vars']);

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

/** A name, or a table that has one. */
const nameIn = (value: unknown): string[] => {
  const name = typeof value === 'string' ? value : entriesOf(value).find(([key]) => key === 'name')?.[1];
  return typeof name === 'string' ? [name] : [];
};

const namesIn = (value: unknown): string[] =>
  entriesOf(value).flatMap(([key, inner]) => {
    if (NAME_KEYS.has(key)) return nameIn(inner);
    if (NAMES_KEYS.has(key)) return entriesOf(inner).flatMap(([, each]) => nameIn(each));
    return namesIn(inner);
  });

/** A file that is not there names nothing; one that Codex cannot read either is for Codex to complain about. */
const readToml = async (path: string): Promise<unknown> => {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
};

/** The names of the variables that these `config.toml` files want Codex to have, such as the `env_key` of a model's provider. */
export const variablesNamedIn = async (paths: readonly string[]): Promise<string[]> =>
  (await Promise.all(paths.map(readToml))).flatMap(namesIn);
