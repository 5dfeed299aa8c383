import { GatewayError } from '../../errors.ts';

/** What becomes of a parameter of an API. docs/parameters.md shows the tables, and a test holds it to them. */
export type Parameter =
  | { readonly support: 'honoured'; readonly note?: string }
  /** Accepted, without effect, and named in `x-throughline-ignored`. `idle`: values that ask for nothing. */
  | { readonly support: 'ignored'; readonly idle?: (value: unknown) => boolean; readonly note?: string }
  /** Would change the answer, so anything but the `idle` values is refused. */
  | { readonly support: 'refused'; readonly idle?: (value: unknown) => boolean; readonly note?: string };

export type ParameterTable = Readonly<Record<string, Parameter>>;

export const honoured = (note?: string): Parameter => ({ support: 'honoured', ...(note && { note }) });
export const ignored = (note?: string, idle?: (value: unknown) => boolean): Parameter => ({
  support: 'ignored',
  ...(note && { note }),
  ...(idle && { idle }),
});
export const refused = (note: string, idle?: (value: unknown) => boolean): Parameter => ({
  support: 'refused',
  note,
  ...(idle && { idle }),
});

/** Values of a parameter that ask for what is done anyway. */
export const only =
  (...values: unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);
export const empty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

export interface RequestOptions {
  /** Whether a parameter without effect is refused instead of ignored. */
  readonly strict: boolean;
}

export const unsupported = (param: string, note?: string): GatewayError =>
  new GatewayError(
    'unsupported_parameter',
    `'${param}' is not supported here${note ? `: ${note}` : ', or not with this value.'}`,
    { param },
  );

/**
 * The parameters of a body that have no effect, by name. Throws `unsupported_parameter` for the first one that would
 * change the answer, and in strict mode for any.
 */
export const ignoredParameters = (
  table: ParameterTable,
  body: Readonly<Record<string, unknown>>,
  { strict }: RequestOptions,
): string[] => {
  const without: string[] = [];
  for (const [param, row] of Object.entries(table)) {
    const value = body[param];
    if (value === undefined || value === null || row.support === 'honoured' || row.idle?.(value)) continue;
    if (row.support === 'refused') throw unsupported(param, row.note);
    if (strict) throw unsupported(param, STRICT_NOTE);
    without.push(param);
  }
  return without;
};

export const STRICT_NOTE = 'it has no effect on this backend, and PROXY_STRICT_PARAMETERS is set.';
