import type { z } from 'zod';
import { GatewayError } from '../errors.ts';

/** `messages[0].content`: the way to a field as API clients write it. */
export const toParam = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (param, key) =>
      typeof key === 'number' ? `${param}[${key}]` : param ? `${param}.${String(key)}` : String(key),
    '',
  );

/** Of a union the deepest complaint says most. */
const deepest = (issue: z.core.$ZodIssue): z.core.$ZodIssue => {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors
    .flat()
    .map((nested) => deepest({ ...nested, path: [...issue.path, ...nested.path] }));
  return inner.reduce<z.core.$ZodIssue>(
    (best, candidate) => (candidate.path.length > best.path.length ? candidate : best),
    issue,
  );
};

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

/**
 * A union is of a wrong type where each of its branches is, and a closed list of words where the value is no string. A union that is told
 * apart by a word, and whose word is none of ours, has no inner complaints: its type is right.
 */
const isOfWrongType = (issue: z.core.$ZodIssue, checked: unknown): boolean => {
  const value = valueAt(checked, issue.path);
  switch (issue.code) {
    case 'invalid_type':
      return true;
    case 'invalid_value':
      return issue.values.every((word) => typeof word === 'string') && typeof value !== 'string';
    case 'invalid_union':
      return (
        issue.errors.length > 0 &&
        issue.errors.every((branch) => branch.some((inner) => isOfWrongType(inner, value)))
      );
    default:
      return false;
  }
};

/** Checks a parsed body, or the part of one that is at `at`. Throws a `GatewayError` with the path of the first field at fault. */
export const validate = <T>(schema: z.ZodType<T>, body: unknown, at?: string): T => {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  if (!first) throw new GatewayError('invalid_value', 'The request body is not valid.');
  const issue = deepest(first);
  const param = toParam([...(at === undefined ? [] : [at]), ...issue.path]) || null;
  const where = param ?? 'The request body';
  if (param && valueAt(body, issue.path) === undefined) {
    throw new GatewayError('missing_required_parameter', `'${param}' is required.`, { param });
  }
  const code = isOfWrongType(issue, body) ? 'invalid_type' : 'invalid_value';
  throw new GatewayError(code, `${param ? `'${where}'` : where}: ${issue.message}.`, { param });
};
