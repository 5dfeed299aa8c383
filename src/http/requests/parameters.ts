import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { GatewayError } from '../../errors.ts';

/** What becomes of a parameter of an API. docs/parameters.md shows the tables, and a test holds it to them. */
export type Parameter =
  /** Emulated: the gateway sees to it, since the backend cannot. `schema`: where the request's own schema does not have it. */
  | { readonly support: 'honoured' | 'emulated'; readonly note?: string; readonly schema?: z.ZodType }
  | WithoutEffect;

interface WithoutEffect {
  /** Ignored: accepted and named in `x-throughline-ignored`. Refused: it would change the answer. */
  readonly support: 'ignored' | 'refused';
  readonly note?: string;
  /** The type that the API documents; a wrong one is refused all the same. */
  readonly schema: z.ZodType;
  /** Values that ask for what is done anyway. */
  readonly idle: readonly unknown[];
}

export type ParameterTable = Readonly<Record<string, Parameter>>;

export const honoured = (note?: string, schema?: z.ZodType): Parameter => ({
  support: 'honoured',
  ...(note && { note }),
  ...(schema && { schema }),
});
export const emulated = (note: string, schema: z.ZodType): Parameter => ({
  support: 'emulated',
  note,
  schema,
});
export const ignored = (schema: z.ZodType, note?: string, idle: readonly unknown[] = []): Parameter => ({
  support: 'ignored',
  schema,
  idle,
  ...(note && { note }),
});
export const refused = (schema: z.ZodType, note: string, idle: readonly unknown[] = []): Parameter => ({
  support: 'refused',
  schema,
  idle,
  note,
});

/**
 * A request's schema with the parameters of the table that it leaves open: what they are is checked, `null` is as good as
 * nothing. The type stays as it was, since nobody reads them.
 */
export const withParameters = <Schema extends z.ZodObject>(table: ParameterTable, schema: Schema): Schema => {
  const open = Object.entries(table).flatMap(([name, row]) =>
    row.schema && !Object.hasOwn(schema.shape, name) ? [[name, row.schema.nullish()] as const] : [],
  );
  return schema.extend(Object.fromEntries(open)) as unknown as Schema;
};

export interface RequestOptions {
  /** Whether a parameter without effect is refused instead of ignored. */
  readonly strict: boolean;
  /** For names that a client made up. */
  readonly sanitizeText: (text: string) => string;
}

export const unsupported = (param: string, note?: string): GatewayError =>
  new GatewayError(
    'unsupported_parameter',
    `'${param}' is not supported here${note ? `: ${note}` : ', or not with this value.'}`,
    { param },
  );

const isWithoutEffect = (row: Parameter): row is WithoutEffect =>
  row.support === 'ignored' || row.support === 'refused';

const isIdle = ({ idle }: WithoutEffect, value: unknown): boolean =>
  idle.some((one) => isDeepStrictEqual(one, value));

/** The parameters of a body that have no effect, by name. Throws `unsupported_parameter` for the first one that would change the answer. */
export const ignoredParameters = (
  table: ParameterTable,
  body: Readonly<Record<string, unknown>>,
): string[] => {
  const without: string[] = [];
  for (const [param, row] of Object.entries(table)) {
    const value = body[param];
    if (value === undefined || value === null || !isWithoutEffect(row) || isIdle(row, value)) continue;
    if (row.support === 'refused') throw unsupported(param, row.note);
    without.push(param);
  }
  return without;
};
