/** Functions of Node's JSON since version 22 that TypeScript's types lack. */
interface ExactJson {
  parse(
    text: string,
    revive: (name: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  /** A value that `JSON.stringify` writes as this text. */
  rawJSON(text: string): object;
}

/** A text without 16 digits in a row has no whole number beyond 2^53. Exponents are ignored. */
const MAY_BE_UNSAFE = /\d{16}/;
const WHOLE = /^-?\d+$/;

/** Members of a body that hold JSON schemas, of tools or of the answer. */
const WITH_SCHEMAS = ['tools', 'response_format', 'text'] as const;

type Members = Record<string, unknown>;

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null;

/** Whether schemas may be in a body: to search a long one for digits takes longer than to parse it. */
const mayHaveSchemas = (body: Members): boolean =>
  WITH_SCHEMAS.some((name) => isMembers(body[name])) || Array.isArray(body['input']);

const replace = (value: Members, exact: Members, names: readonly string[]): void => {
  for (const name of names) if (isMembers(value[name])) value[name] = exact[name];
};

/** Items of a conversation may bring tools along. */
const replaceInItems = (items: unknown, exact: unknown): void => {
  if (!Array.isArray(items) || !Array.isArray(exact)) return;
  for (const [index, item] of items.entries()) {
    const same: unknown = exact[index];
    if (isMembers(item) && isMembers(same)) replace(item, same, ['tools']);
  }
};

/**
 * Parses a body. In its JSON schemas, whole numbers beyond 2^53 keep their digits, since the model gets them; elsewhere they
 * become numbers and may be rounded.
 */
export const parseWithExactSchemas = (text: string): unknown => {
  const value: unknown = JSON.parse(text);
  if (!isMembers(value) || !mayHaveSchemas(value) || !MAY_BE_UNSAFE.test(text)) return value;
  const { parse, rawJSON } = JSON as unknown as ExactJson;
  let hasUnsafe = false;
  const exact = parse(text, (_, one, { source }) => {
    if (typeof one !== 'number' || Number.isSafeInteger(one) || !source || !WHOLE.test(source)) return one;
    hasUnsafe = true;
    return rawJSON(source);
  });
  if (!hasUnsafe || !isMembers(exact)) return value;
  replace(value, exact, WITH_SCHEMAS);
  replaceInItems(value['input'], exact['input']);
  return value;
};
