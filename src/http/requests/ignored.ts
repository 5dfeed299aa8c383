import { ignoredParameters, type ParameterTable, type RequestOptions, unsupported } from './parameters.ts';

/** The names go into one response header, and a list of the client's may be long. */
const MAX_NAMES = 20;

/** Names of places in one list: the first ones, and how many more there are. */
export const capNames = (list: string, names: readonly string[]): string[] => {
  const more = names.length - MAX_NAMES;
  return more > 0 ? [...names.slice(0, MAX_NAMES), `${list} (${more} more)`] : [...names];
};

/** A name that a client made up, as a header can carry it. */
const MAX_NAME_CHARS = 64;
const toCarriable = (name: string): string => name.slice(0, MAX_NAME_CHARS).replaceAll(/[^\w.-]/g, '?');

const unknownFields = (table: ParameterTable, body: Readonly<Record<string, unknown>>): string[] => {
  const names = Object.keys(body).filter((name) => !Object.hasOwn(table, name) && body[name] != null);
  return capNames('unknown fields', names.map(toCarriable));
};

const STRICT_NOTE = 'it has no effect on this backend, and PROXY_STRICT_PARAMETERS is set.';

/**
 * The names of all that a body has and that has no effect. In strict mode the first one is refused instead, save fields that no table
 * has: clients add some, and cannot always leave them out.
 *
 * @param inner - names of places inside of parameters that are honoured
 */
export const ignoredFields = (
  table: ParameterTable,
  body: Readonly<Record<string, unknown>>,
  inner: readonly string[],
  { strict }: RequestOptions,
): string[] => {
  const known = [...ignoredParameters(table, body), ...inner];
  if (strict && known[0]) throw unsupported(known[0], STRICT_NOTE);
  return [...known, ...unknownFields(table, body)];
};
