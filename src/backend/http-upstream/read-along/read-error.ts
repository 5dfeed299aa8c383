import { asWords, isMembers, itemsOf, jsonOf, type Members, membersOf } from '../json-shapes.ts';

/** An error as a server reports it. */
export interface UpstreamError {
  readonly message: string | null;
  readonly code: string | null;
  readonly type: string | null;
  /** These four are added by a gateway between this one and the server. */
  readonly requestId: string | null;
  readonly service: string | null;
  readonly cause: string | null;
  readonly causeType: string | null;
}

const wordOf = (value: unknown): string | null => {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
};

const textOf = (value: unknown): string | null => {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value.trim() || null : jsonOf(value) || null;
};

const fromMembers = (error: Members, message: unknown = error['message'] ?? error['msg']): UpstreamError => ({
  message: textOf(message),
  code: wordOf(error['code']),
  // The type `error` says nothing more.
  type:
    [error['type'], error['status']].map(wordOf).find((word) => word !== null && word !== 'error') ?? null,
  requestId: wordOf(error['request_id']),
  service: wordOf(error['service']),
  cause: wordOf(error['cause']),
  causeType: wordOf(error['cause_type']),
});

/** An error of which only the message and the code are known. */
export const errorInWords = (message: string | null, code: string | null = null): UpstreamError => ({
  ...fromMembers({}),
  message: textOf(message),
  code,
});

const fromDetail = (detail: unknown, beside: Members): UpstreamError => {
  const [first = detail] = itemsOf(detail);
  return isMembers(first) ? fromMembers(first) : fromMembers(beside, first);
};

/** Whether the object is an answer: no error has these members. */
const isAnswer = (members: Members): boolean =>
  ['choices', 'output', 'data', 'id', 'object'].some((name) => members[name] !== undefined);

const inMembers = (members: Members, isError: boolean): UpstreamError | null => {
  const { error, detail, errors } = members;
  if (isMembers(error)) return fromMembers(error);
  if (typeof error === 'string' && error !== '') return fromMembers(members, error);
  if (Array.isArray(error) && error.length > 0) return fromDetail(error, members);
  if (error === true) return fromMembers(members);
  if (detail && (isError || !isAnswer(members))) return fromDetail(detail, members);
  if (isError && itemsOf(errors).length > 0) return fromDetail(errors, members);
  return isError || members['object'] === 'error' || members['type'] === 'error'
    ? fromMembers(members)
    : null;
};

/**
 * Reads an error in any of the shapes that servers use; null if there is none.
 *
 * @param isError - whether the status of the answer, or the name of the event, says that it is an error
 */
export const readError = (value: unknown, isError: boolean): UpstreamError | null => {
  if (Array.isArray(value)) {
    const found = value.map((item) => (isMembers(item) ? inMembers(item, false) : null)).find(Boolean);
    return found ?? (isError ? errorInWords(jsonOf(value)) : null);
  }
  if (isMembers(value)) return inMembers(value, isError);
  return isError ? errorInWords(textOf(value)) : null;
};

/** The error inside of a choice, as some model routers send it. */
export const errorOfChoice = (choice: Members): UpstreamError | null => {
  const { error } = choice;
  return isMembers(error)
    ? fromMembers(membersOf(error))
    : asWords(error)
      ? errorInWords(asWords(error))
      : null;
};
