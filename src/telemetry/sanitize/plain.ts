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

const BOXED = [String, Number, Boolean] as const;

/**
 * What JSON would show of an object that is more than its own properties; the same object where it is not.
 * @throws whatever a hostile `toJSON`, getter or proxy throws
 */
export const toPlain = (value: object): unknown => {
  if (Array.isArray(value)) return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[binary: ${value.byteLength} bytes]`;
  if (value instanceof Error) return errorParts(value);
  if (value instanceof Map) return mapEntries(value);
  if (value instanceof Set) return [...value];
  if (value instanceof Headers || value instanceof URLSearchParams) return Object.fromEntries(value);
  if (value instanceof RegExp) return String(value);
  if (BOXED.some((type) => value instanceof type)) return value.valueOf();
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === 'function' ? toJSON.call(value) : value;
};
