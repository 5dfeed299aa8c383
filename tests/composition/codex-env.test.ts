import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { variablesNamedIn } from '../../src/composition/codex-env.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-codex-'));
});
afterAll(() => rm(folder, { recursive: true }));

const namedIn = async (toml: string): Promise<string[]> => {
  const path = join(folder, 'config.toml');
  await writeFile(path, toml);
  return variablesNamedIn([join(folder, 'missing.toml'), path]);
};

test.each([
  ['[model_providers.mine]\nenv_key = "MY_KEY"', ['MY_KEY']],
  ["model_providers = { mine = { env_key = 'MY_KEY' } }", ['MY_KEY']],
  ['[model_providers.mine]\nenv_http_headers = { "x-team" = "TEAM", "x-org" = "ORG" }', ['TEAM', 'ORG']],
  [
    '[mcp_servers.a]\nbearer_token_env_var = "TOKEN"\nenv_vars = ["ONE", { name = "TWO" }]',
    ['TOKEN', 'ONE', 'TWO'],
  ],
])('%j names variables', async (toml, names) => {
  expect(await namedIn(toml)).toEqual(names);
});

test.each([
  '',
  '# env_key = "MY_KEY"',
  'model = "env_key"',
  '[model_providers.mine]\nenv_key_instructions = "set MY_KEY"',
  '[model_providers.mine]\nenv_key = 5',
  'env_http_headers = "TEAM"\nenv_vars = 5',
  'this is [no TOML',
])('%j names none', async (toml) => {
  expect(await namedIn(toml)).toEqual([]);
});
