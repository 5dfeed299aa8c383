import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import type { ParameterSupport, SupportTable, TurnSupport } from '../../gateway/turn-support.ts';

/** The parameters of an API, with the type that it documents; null where the request's own schema has it. What becomes of them is the backend's. */
export type ParameterTypes = Readonly<Record<string, z.ZodType | null>>;

/**
 * A request's schema with the parameters of the table that it leaves open: what they are is checked, `null` is as good as
 * nothing. The type stays as it was, since nobody reads them.
 */
export const withParameters = <Schema extends z.ZodObject>(types: ParameterTypes, schema: Schema): Schema => {
  const open = Object.entries(types).flatMap(([name, type]) =>
    type && !Object.hasOwn(schema.shape, name) ? [[name, type.nullish()] as const] : [],
  );
  return schema.extend(Object.fromEntries(open)) as unknown as Schema;
};

export interface RequestOptions {
  /** Whether a parameter without effect is refused instead of ignored. */
  readonly strict: boolean;
  /** For names that a client made up. */
  readonly sanitizeText: (text: string) => string;
  /** What the backend that the request is for makes of its parameters. */
  readonly support: TurnSupport;
}

export const unsupported = (param: string, note?: string): GatewayError =>
  new GatewayError(
    'unsupported_parameter',
    `'${param}' is not supported here${note ? `: ${note}` : ', or not with this value.'}`,
    { param },
  );

const isWithoutEffect = ({ support }: ParameterSupport): boolean =>
  support === 'ignored' || support === 'refused';

const isIdle = ({ idle }: ParameterSupport, value: unknown): boolean =>
  idle?.some((one) => isDeepStrictEqual(one, value)) === true;

/** The parameters of a body that have no effect, by name. Throws `unsupported_parameter` for the first one that would change the answer. */
export const ignoredParameters = (table: SupportTable, body: Readonly<Record<string, unknown>>): string[] => {
  const without: string[] = [];
  for (const [param, row] of Object.entries(table)) {
    const value = body[param];
    if (value === undefined || value === null || !isWithoutEffect(row) || isIdle(row, value)) continue;
    if (row.support === 'refused') throw unsupported(param, row.note);
    without.push(param);
  }
  return without;
};

/** The parameters of a body that are passed on unchanged, by their names in `Turn.settings`. */
export const settingsOf = (
  table: SupportTable,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(table).flatMap(([param, { setting }]) => {
      const value = body[param];
      return setting === undefined || value === undefined || value === null ? [] : [[setting, value]];
    }),
  );
