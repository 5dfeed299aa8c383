import type { HttpBackendSettings } from '../../gateway/http-backend-settings.ts';
import type { RouteRule } from '../../gateway/routes.ts';
import { readHttpTimeouts } from '../backend.ts';
import { type Env, reader } from '../reader.ts';
import { type FilePart, readPart } from './check-part.ts';
import { parseRoutesDocument, quoted, type RoutesDocument } from './document.ts';
import { readKey } from './key-env.ts';
import { createProblems, linesOf } from './problems.ts';
import * as schema from './schema.ts';

/** An HTTP backend as plain data that can be sent between threads. `keyEnv`: the variable that holds its key. */
export interface HttpData extends Omit<HttpBackendSettings, 'url'> {
  readonly kind: 'http';
  readonly url: string;
  readonly keyEnv: string | null;
}

export type BackendData = HttpData | { readonly kind: 'app-server'; readonly name: string };

export interface RoutesData {
  readonly backends: readonly BackendData[];
  readonly rules: readonly RouteRule[];
}

/** The routes, with a line for each problem of the environment; or a line for each problem of the file. */
export type ReadRoutes =
  | { readonly type: 'routes'; readonly routes: RoutesData; readonly lacks: readonly string[] }
  | { readonly type: 'wrong'; readonly lines: readonly string[] };

const MAX_BACKENDS = 100;
const MAX_RULES = 10_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const NAME_RULE =
  'the name of a backend is 1 to 64 of A-Z a-z 0-9 . _ -, and begins with a letter or a digit';

const readHttp = (part: FilePart, name: string, env: Env): HttpData | null => {
  const given = readPart(part, schema.http, schema.KEYS.http);
  if (given === null) return null;
  const { document, path } = part;
  if (given.auth === 'forward' && given.key_env !== undefined)
    document.fail(
      [...path, 'key_env'],
      "key_env is of no use with auth: forward, which sends the client's own key",
      'key',
    );
  if (given.metadata && !given.trust)
    document.fail([...path, 'metadata'], 'metadata: true needs trust: true', 'key');
  if (given.apis.length === 0 && !given.passthrough)
    document.fail([...path, 'apis'], 'apis must name one, unless passthrough is true');
  const { connect_ms, first_byte_ms, idle_ms } = given.timeouts;
  const usual = readHttpTimeouts(reader(env));
  return {
    kind: 'http',
    name,
    url: given.url,
    keyEnv: given.key_env ?? null,
    key: readKey(part, given.key_env, env),
    auth: given.auth,
    trust: given.trust,
    apis: [...new Set(given.apis)],
    usage: given.usage,
    passthrough: given.passthrough,
    metadata: given.metadata,
    timeouts: {
      connectMs: connect_ms ?? usual.connectMs,
      firstByteMs: first_byte_ms ?? usual.firstByteMs,
      idleMs: idle_ms ?? usual.idleMs,
    },
    headers: Object.fromEntries(
      Object.entries(given.headers).map(([header, text]) => [header.toLowerCase(), text]),
    ),
  };
};

const readBackend = (part: FilePart, name: string, env: Env): BackendData | null => {
  const kind = readPart(part, schema.kindOf, [])?.kind;
  if (kind === 'http') return readHttp(part, name, env);
  if (kind === undefined || readPart(part, schema.appServer, schema.KEYS.appServer) === null) return null;
  return { kind, name };
};

const readBackends = (
  document: RoutesDocument,
  given: Readonly<Record<string, unknown>>,
  env: Env,
): BackendData[] => {
  const names = Object.keys(given);
  if (names.length === 0) document.fail(['backends'], 'backends must have one at least');
  if (names.length > MAX_BACKENDS) document.fail(['backends'], `backends has more than ${MAX_BACKENDS}`);
  const backends = names.slice(0, MAX_BACKENDS).flatMap((name) => {
    const path = ['backends', name];
    if (!NAME.test(name)) document.fail(path, NAME_RULE, 'key');
    return readBackend({ document, path, value: given[name] }, name, env) ?? [];
  });
  const [, second] = backends.filter(({ kind }) => kind === 'app-server');
  if (second) document.fail(['backends', second.name], 'only one backend can be of kind app-server', 'key');
  return backends;
};

const readRule = (part: FilePart, names: readonly string[], known: ReadonlySet<string>): RouteRule | null => {
  const given = readPart(part, schema.rule, schema.KEYS.rule);
  if (given === null) return null;
  const assertKnown = (name: string, ...rest: (string | number)[]): void => {
    if (known.has(name)) return;
    const meant = schema.meantName(name, names);
    part.document.fail([...part.path, ...rest], `there is no backend ${quoted(name)}; ${meant}`);
  };
  if (given.backend !== undefined) assertKnown(given.backend, 'backend');
  for (const [index, { backend }] of (given.backends ?? []).entries())
    assertKnown(backend, 'backends', index, 'backend');
  const fallback = given.fallback.map((one) => (typeof one === 'string' ? { backend: one } : one));
  for (const [index, { backend }] of fallback.entries()) assertKnown(backend, 'fallback', index);
  return {
    match: given.match,
    backends: given.backends ?? [{ backend: given.backend ?? '', weight: 1 }],
    model: given.model ?? null,
    fallback: fallback
      .filter(({ backend }, index) => fallback.findIndex((other) => other.backend === backend) === index)
      .map(({ backend, model = null }) => ({ backend, model })),
  };
};

const readRules = (
  document: RoutesDocument,
  given: readonly unknown[],
  names: readonly string[],
): RouteRule[] => {
  if (given.length > MAX_RULES)
    document.fail(['models', MAX_RULES], `there are more than ${MAX_RULES} rules`);
  const seen = new Set<string>();
  const known = new Set(names);
  return given.slice(0, MAX_RULES).flatMap((value, index) => {
    const path = ['models', index];
    const read = readRule({ document, path, value }, names, known);
    if (read === null) return [];
    if (seen.has(read.match))
      document.fail([...path, 'match'], `match ${quoted(read.match)} stands here a second time`);
    seen.add(read.match);
    return [read];
  });
};

/** Parses the text of a routes file. `path` is only used in messages; `env` holds the keys that the file names. */
export const readRoutes = (text: string, path: string, env: Env): ReadRoutes => {
  const problems = createProblems();
  const lines = () => linesOf(path, problems.list(), problems.count());
  const wrong = (): ReadRoutes => ({ type: 'wrong', lines: lines() });
  const document = parseRoutesDocument(text, problems);
  if (document === null) return wrong();
  const whole = { document, path: [], value: document.value };
  const given = readPart(whole, schema.file, schema.KEYS.file);
  if (given === null) return wrong();
  // The parsed value: zod's copy would lack a name such as `__proto__`.
  const named = (document.value as typeof given).backends;
  const backends = readBackends(document, named, env);
  const rules = readRules(document, given.models, Object.keys(named));
  return problems.areOfFile() ? wrong() : { type: 'routes', routes: { backends, rules }, lacks: lines() };
};
