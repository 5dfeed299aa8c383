import { stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { Command } from 'commander';
import { ConfigError, type Env } from '../config/reader.ts';
import type { BackendData, HttpData, RoutesData } from '../config/routes/read-routes.ts';
import { printable, printableJson } from '../telemetry/printable.ts';
import { EXIT_WRONG_CALL } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { columns } from './render/columns.ts';

/** The input of the check of a routes file. */
export interface RoutesCheck {
  readonly path: string;
  readonly json: boolean;
  readonly env: Env;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Whether a text looks like the name of a YAML file. */
export const namesYaml = (text: string): boolean => /^\S+\.ya?ml$/i.test(text);

/** Whether a text is the path of an existing YAML file. */
export const isRoutesFile = async (text: string): Promise<boolean> => {
  if (!/\.ya?ml$/i.test(text)) return false;
  const found = await stat(text).catch(() => null);
  return found?.isFile() ?? false;
};

const keyOf = ({ auth, keyEnv, key }: HttpData): string => {
  if (auth === 'forward') return "the client's own";
  if (keyEnv === null) return 'none';
  return `${keyEnv} (${key === null ? 'not set' : 'set'})`;
};

const rowOf = (backend: BackendData): string[] => {
  if (backend.kind === 'app-server') return [backend.name, backend.kind, '', '', '', ''];
  const { name, kind, url, apis, trust, passthrough, metadata, usage, headers } = backend;
  const more = [
    ...(trust ? ['trusted'] : []),
    ...(usage === 'as-is' ? ['usage as-is'] : []),
    ...(passthrough ? ['passthrough'] : []),
    ...(metadata ? ['metadata'] : []),
    ...(Object.keys(headers).length > 0 ? [`headers ${Object.keys(headers).join(' ')}`] : []),
  ];
  return [name, kind, url, keyOf(backend), apis.join(' '), more.join(', ')];
};

type Shadowed = ReadonlyMap<string, string>;

const tableOf = ({ backends, rules }: RoutesData, shadowed: Shadowed): string => {
  const ofBackends = columns([['BACKEND', 'KIND', 'URL', 'KEY', 'APIS', 'MORE'], ...backends.map(rowOf)]);
  if (rules.length === 0) return `${ofBackends}\nno rules: a model goes to the backends that list it\n`;
  const ofRules = rules.map(({ match, backends: chosen, model, fallback }) => [
    match,
    chosen.length === 1
      ? String(chosen[0]?.backend)
      : chosen.map(({ backend, weight }) => `${backend}:${weight}`).join(' '),
    model ?? '',
    fallback.map(({ backend, model: own }) => (own === null ? backend : `${backend}:${own}`)).join(' '),
    shadowed.has(match) ? `never reached: ${shadowed.get(match)} is before it` : '',
  ]);
  return `${ofBackends}\n${columns([['MATCH', 'BACKEND', 'MODEL', 'FALLBACK', ''], ...ofRules])}`;
};

/** A backend for `--json`. Keys and the values of headers are left out. */
const backendOf = (backend: BackendData) => {
  if (backend.kind === 'app-server') return { name: backend.name, kind: backend.kind };
  const { key, keyEnv, headers, timeouts, ...rest } = backend;
  return {
    ...rest,
    key_env: keyEnv,
    key_set: key !== null,
    timeouts: {
      connect_ms: timeouts.connectMs,
      first_byte_ms: timeouts.firstByteMs,
      idle_ms: timeouts.idleMs,
    },
    headers: Object.keys(headers),
  };
};

const jsonOf = (
  path: string,
  { backends, rules }: RoutesData,
  shadowed: Shadowed,
  problems: readonly string[],
) => ({
  path,
  backends: backends.map(backendOf),
  models: rules.map((rule) => ({ ...rule, never_reached: shadowed.has(rule.match) })),
  problems,
});

/** Checks a routes file. Prints its content on stdout; prints its problems on stderr and exits with code 2. */
export const checkRoutes = async (
  { path, json, env, stdout, stderr }: RoutesCheck,
  command: Command,
): Promise<void> => {
  // Imported here, so that other commands start without a YAML parser.
  const [{ loadRoutesData }, { RoutesError }, { shadowedRules }] = await Promise.all([
    import('../config/routes/load.ts'),
    import('../config/routes/problems.ts'),
    import('../config/routes/shadowed.ts'),
  ]);
  const read = await loadRoutesData(path, env).catch((thrown: unknown) => {
    if (thrown instanceof RoutesError) return { routes: null, lacks: thrown.lines };
    if (thrown instanceof ConfigError) return { routes: null, lacks: [thrown.message] };
    throw thrown;
  });
  const { routes, lacks: problems } = read;
  const shadowed = shadowedRules(routes?.rules ?? []);
  const output = createOutput(stdout);
  if (json) {
    const report = routes ? jsonOf(path, routes, shadowed, problems) : { path, problems };
    await output.write(`${printableJson(JSON.stringify(report, null, 2))}\n`);
  } else if (routes) await output.write(tableOf(routes, shadowed));
  if (problems.length === 0) return;
  const [last = '', ...before] = problems.toReversed();
  for (const line of before.reverse()) stderr.write(`throughline: ${printable(line)}\n`);
  command.error(`throughline: ${printable(last)}`, { exitCode: EXIT_WRONG_CALL, code: 'throughline.check' });
};
