import type { z } from 'zod';
import { GatewayError } from '../errors.ts';
import type { Pace } from '../pace.ts';
import { check, checkPart } from './check.ts';

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

/** What a client is told of an issue of the body, or of the part of one that is at `at`. */
export const toRefusal = (first: z.core.$ZodIssue, body: unknown, at?: string): GatewayError => {
  const issue = deepest(first);
  const param = toParam([...(at === undefined ? [] : [at]), ...issue.path]) || null;
  const where = param ?? 'The request body';
  if (param && valueAt(body, issue.path) === undefined) {
    return new GatewayError('missing_required_parameter', `'${param}' is required.`, { param });
  }
  const code = isOfWrongType(issue, body) ? 'invalid_type' : 'invalid_value';
  return new GatewayError(code, `${param ? `'${where}'` : where}: ${issue.message}.`, { param });
};

/** Checks a parsed body. Rejects with a `GatewayError` that has the path of the first field at fault. */
export const validate = async <T>(schema: z.ZodType<T>, body: unknown, pace: Pace): Promise<T> => {
  const checked = await check(schema, body, pace);
  if ('value' in checked) return checked.value as T;
  throw toRefusal(checked.issue, body);
};

/** Checks the part of a body that is at `at`, up to the first item that is wrong. Throws a `GatewayError`. */
export const validatePart = <T>(schema: z.ZodType<T>, part: unknown, at: string): T => {
  const checked = checkPart(schema, part);
  if ('value' in checked) return checked.value as T;
  throw toRefusal(checked.issue, part, at);
};
