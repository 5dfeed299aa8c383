import { types } from 'node:util';

const mapEntries = (map: ReadonlyMap<unknown, unknown>): object =>
  Object.fromEntries(
    [...map].map(([key, value]) => [typeof key === 'symbol' ? '[symbol]' : String(key), value]),
  );

/** As pino's own serializer names the parts, so that a log line looks the same. */
const errorParts = (error: Error): object => ({
  ...error,
  type: error.name,
  message: error.message,
  stack: error.stack,
  ...('cause' in error && { cause: error.cause }),
  ...(error instanceof AggregateError && { errors: error.errors }),
});

/** A number that is kept as it was written. TypeScript's library does not know of it yet. */
const { isRawJSON: isRawJson } = JSON as unknown as {
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
};

/**
 * What JSON would show of an object that is more than its own properties; the same object where it is not.
 * @throws whatever a hostile `toJSON`, getter or proxy throws
 */
export const toPlain = (value: object): unknown => {
  if (Array.isArray(value)) return value;
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value))
    return `[binary: ${value.byteLength} bytes]`;
  if (types.isNativeError(value)) return errorParts(value);
  if (types.isMap(value)) return mapEntries(value);
  if (types.isSet(value)) return [...value];
  if (types.isRegExp(value)) return String(value);
  if (isRawJson(value)) return value.rawJSON;
  if (types.isBoxedPrimitive(value)) return value.valueOf();
  if (value instanceof Headers || value instanceof URLSearchParams) return Object.fromEntries(value);
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === 'function' ? toJSON.call(value) : value;
};
