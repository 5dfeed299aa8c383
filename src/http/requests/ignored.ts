import { headOf } from '../../cut.ts';
import type { TurnCall, UnknownFields } from '../../gateway/turn.ts';
import type { SupportTable } from '../../gateway/turn-support.ts';
import { ignoredParameters, type RequestOptions, unsupported } from './parameters.ts';

/** The names go into one response header, and a list of the client's may be long. */
const MAX_NAMES = 20;

/** The first of many names, and how many more there are of what. */
const cap = (what: string, names: readonly string[], count: number): string[] =>
  count > MAX_NAMES ? [...names.slice(0, MAX_NAMES), `${what} (${count - MAX_NAMES} more)`] : [...names];

/** Names of places in one list: the first ones, and how many more there are. */
export const capNames = (list: string, names: readonly string[]): string[] => cap(list, names, names.length);

/** A name that a client made up, as a header can carry it. It is cleaned as it came: what replaces characters hides what they mean. */
const MAX_NAME_CHARS = 64;
const MAX_CLEANED_CHARS = 1024;
const toCarriable = (name: string, { sanitizeText }: RequestOptions): string =>
  sanitizeText(headOf(name, MAX_CLEANED_CHARS))
    .slice(0, MAX_NAME_CHARS)
    .replaceAll(/[^\w.-]/g, '?');

const unknownFields = (
  table: SupportTable,
  body: Readonly<Record<string, unknown>>,
  options: RequestOptions,
): UnknownFields => {
  const fields = Object.keys(body).filter((name) => !Object.hasOwn(table, name) && body[name] != null);
  const names = fields.slice(0, MAX_NAMES).map((name) => toCarriable(name, options));
  return { names: cap('unknown fields', names, fields.length), count: fields.length };
};

const STRICT_NOTE = 'it has no effect on this backend, and PROXY_STRICT_PARAMETERS is set.';

/**
 * All that a body has and that has no effect. In strict mode the first of it is refused instead, save fields that no table has: clients
 * add some, and cannot always leave them out.
 *
 * @param inner - names of places inside of parameters that are honoured
 */
export const ignoredFields = (
  table: SupportTable,
  body: Readonly<Record<string, unknown>>,
  inner: readonly string[],
  options: RequestOptions,
): Pick<TurnCall, 'ignored' | 'unknown'> => {
  const ignored = [...ignoredParameters(table, body), ...inner];
  if (options.strict && ignored[0]) throw unsupported(ignored[0], STRICT_NOTE);
  return { ignored, unknown: unknownFields(table, body, options) };
};
