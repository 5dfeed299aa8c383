import { invalidParams } from './failure.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = (path: string, expected: string) =>
  invalidParams(`Invalid params: \`${path}\` must be ${expected}`);

const required = (fields: Fields, name: string, path = name): unknown => {
  const value = fields[name];
  if (value === undefined || value === null) throw invalidParams(`Invalid params: missing field \`${path}\``);
  return value;
};

/** The params of a request; absent ones are an empty object, as the real server has it. */
export const readFields = (params: unknown): Fields => {
  if (params === undefined || params === null) return {};
  if (!isObject(params)) throw wrong('params', 'an object');
  return params;
};

export const readString = (fields: Fields, name: string, path = name): string => {
  const value = required(fields, name, path);
  if (typeof value !== 'string') throw wrong(path, 'a string');
  return value;
};

export const readOptionalString = (fields: Fields, name: string): string | undefined =>
  fields[name] === undefined || fields[name] === null ? undefined : readString(fields, name);

export const readOptionalBoolean = (fields: Fields, name: string): boolean => {
  const value = fields[name] ?? false;
  if (typeof value !== 'boolean') throw wrong(name, 'a boolean');
  return value;
};

/** A whole number of at least one; undefined where absent. */
export const readOptionalCount = (fields: Fields, name: string): number | undefined => {
  const value = fields[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
    throw wrong(name, 'a positive integer');
  return value;
};

export const readObject = (fields: Fields, name: string): Fields => {
  const value = required(fields, name);
  if (!isObject(value)) throw wrong(name, 'an object');
  return value;
};

/** A list of objects, each read by `read`, which gets the item's path for its messages. */
export const readList = <T>(
  fields: Fields,
  name: string,
  read: (item: Fields, path: string) => T,
  path = name,
): T[] => {
  const value = required(fields, name, path);
  if (!Array.isArray(value)) throw wrong(path, 'an array');
  return value.map((item: unknown, index) => {
    const at = `${path}[${index}]`;
    if (!isObject(item)) throw wrong(at, 'an object');
    return read(item, at);
  });
};

export const readOptionalList = <T>(
  fields: Fields,
  name: string,
  read: (item: Fields, path: string) => T,
): T[] => (fields[name] === undefined || fields[name] === null ? [] : readList(fields, name, read));

/** One of a closed list of words. */
export const readOneOf = <T extends string>(
  fields: Fields,
  name: string,
  allowed: readonly T[],
  path = name,
): T => {
  const value = readString(fields, name, path);
  const found = allowed.find((word) => word === value);
  if (found === undefined) throw wrong(path, `one of ${allowed.map((word) => `"${word}"`).join(', ')}`);
  return found;
};
