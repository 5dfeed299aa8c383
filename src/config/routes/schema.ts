import { z } from 'zod';
import { nearest } from '../../nearest.ts';
import { A_DAY_MS } from '../backend.ts';
import { baseUrlProblem } from '../base-url.ts';
import { DEFAULT_APIS } from './defaults.ts';
import { quoted } from './document.ts';
import { headerNameProblem } from './header-names.ts';

const MAX_NAME_CHARS = 256;
const MAX_HEADERS = 64;
const MAX_HEADER_CHARS = 8 * 1024;
const MAX_WEIGHT = 1_000_000;

const must = (allowed: string) => ({
  error: ({ input }: { readonly input?: unknown }) =>
    input === undefined ? `is missing: it must be ${allowed}` : `must be ${allowed}`,
});

const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, {
    error: ({ input }) => {
      if (input === undefined) return `is missing: it must be ${words.join(' or ')}`;
      const meant = typeof input === 'string' ? nearest(input, words) : null;
      return `must be ${words.join(' or ')}${meant === null ? '' : `; did you mean ${meant}?`}`;
    },
  });

const flag = z.boolean(must('true or false'));
const ms = z
  .int(must(`a whole number from 1 to ${A_DAY_MS}`))
  .min(1, must(`a whole number from 1 to ${A_DAY_MS}`))
  .max(A_DAY_MS, must(`a whole number from 1 to ${A_DAY_MS}`));

const modelRule = must(`a text of 1 to ${MAX_NAME_CHARS} characters; put it in quotes`);
const model = z
  .string(modelRule)
  .min(1, modelRule)
  .max(MAX_NAME_CHARS, modelRule)
  .regex(/^\P{Cc}*$/u, { error: 'must not hold control characters' });

const backendName = z.string(must('the name of a backend'));

const url = z.string(must('a URL; put it in quotes')).superRefine((text, context) => {
  const problem = baseUrlProblem(text);
  if (problem !== null) context.addIssue({ code: 'custom', message: `must be ${problem}` });
});

/** A header value as HTTP allows it: visible characters of Latin-1, with blanks between them. */
const HEADER_VALUE = /^[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/;
const headers = z
  .record(
    z.string(),
    z
      .string(must('a text; put it in quotes'))
      .max(MAX_HEADER_CHARS, { error: `must have ${MAX_HEADER_CHARS} characters at most` })
      .regex(HEADER_VALUE, { error: 'must be one line of characters that HTTP allows in a header' }),
    must('a map of names to texts'),
  )
  .superRefine((given, context) => {
    const names = Object.keys(given);
    if (names.length > MAX_HEADERS)
      context.addIssue({ code: 'custom', message: `must have ${MAX_HEADERS} headers at most` });
    const seen = new Set<string>();
    for (const name of names) {
      const lower = name.toLowerCase();
      const problem = seen.has(lower)
        ? 'stands here a second time, in other letters'
        : headerNameProblem(name);
      if (problem !== null)
        context.addIssue({ code: 'custom', path: [name], message: problem, params: { at: 'key' } });
      seen.add(lower);
    }
  });

export const appServer = z.strictObject({ kind: z.literal('app-server') });

export const http = z.strictObject({
  kind: z.literal('http'),
  url,
  key_env: z
    .string(must('the name of an environment variable'))
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, must('the name of an environment variable, not the key itself'))
    .optional(),
  auth: oneOf(['own', 'forward']).default('own'),
  trust: flag.default(false),
  apis: z
    .array(
      oneOf(['chat', 'completions', 'responses', 'embeddings', 'moderations']),
      must('a list, such as [chat, embeddings]'),
    )
    .default([...DEFAULT_APIS] as ('chat' | 'completions' | 'responses' | 'embeddings' | 'moderations')[]),
  usage: oneOf(['ask', 'as-is']).default('ask'),
  passthrough: flag.default(false),
  metadata: flag.default(false),
  timeouts: z
    .strictObject(
      { connect_ms: ms.optional(), first_byte_ms: ms.optional(), idle_ms: ms.optional() },
      must('a map of connect_ms, first_byte_ms and idle_ms'),
    )
    .default({}),
  headers: headers.default({}),
});

const KINDS = ['app-server', 'http'] as const;
export const kindOf = z.looseObject({ kind: oneOf(KINDS) }, must('a map, such as { kind: app-server }'));

const weightRule = must(`a whole number from 1 to ${MAX_WEIGHT}`);
const weighted = z.strictObject(
  { backend: backendName, weight: z.int(weightRule).min(1, weightRule).max(MAX_WEIGHT, weightRule) },
  must('a map, such as { backend: next, weight: 9 }'),
);

const fallbackRule = must('the name of a backend, or a map, such as { backend: codex, model: gpt-5.5 }');
const fallback = z.union(
  [z.string(), z.strictObject({ backend: z.string(), model: model.optional() })],
  fallbackRule,
);

export const rule = z
  .strictObject(
    {
      match: model,
      backend: backendName.optional(),
      backends: z
        .array(weighted, must('a list of backends with weights'))
        .min(1, { error: 'must name a backend' })
        .optional(),
      model: model.optional(),
      fallback: z.array(fallback, must('a list of backends')).default([]),
    },
    must('a map, such as { match: "gpt-*", backend: next }'),
  )
  .superRefine(({ backend, backends }, context) => {
    if ((backend === undefined) === (backends === undefined))
      context.addIssue({ code: 'custom', message: 'needs either backend or backends' });
  });

export const file = z.strictObject(
  {
    backends: z.record(z.string(), z.unknown(), must('a map of names to backends')),
    models: z.array(z.unknown(), must('a list of rules')).default([]),
  },
  must('a map of backends and models'),
);

/** The keys that a part of the file may have. */
const keysOf = (schema: { readonly shape: object }): string[] => Object.keys(schema.shape);
export const KEYS = {
  file: keysOf(file),
  appServer: keysOf(appServer),
  http: keysOf(http),
  timeouts: ['connect_ms', 'first_byte_ms', 'idle_ms'],
  rule: keysOf(rule),
  weighted: keysOf(weighted),
} as const;

/** The message for an unknown key. */
export const unknownKey = (key: string, known: readonly string[]): string => {
  if (key === 'key' && known.includes('key_env'))
    return 'key is refused: put the key into an environment variable, and name that with key_env';
  const meant = nearest(key, known);
  return meant === null
    ? `${quoted(key)} is not known here; known are ${known.join(', ')}`
    : `${quoted(key)} is not known here; did you mean ${meant}?`;
};

const MAX_NAMES_TOLD = 10;

/** A hint for an unknown backend name: the nearest name, or all names. */
export const meantName = (name: string, names: readonly string[]): string => {
  const meant = nearest(name, names);
  if (meant !== null) return `did you mean ${meant}?`;
  const more = names.length > MAX_NAMES_TOLD ? ', …' : '';
  return `there are ${names.slice(0, MAX_NAMES_TOLD).join(', ')}${more}`;
};
