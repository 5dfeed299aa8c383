const ACCEPTED = /^[A-Za-z0-9._:-]{1,128}$/;

/** The id that a request goes by, and the one that the client sent where it could not be used. */
export interface RequestId {
  readonly reqId: string;
  readonly rejected: string | null;
}

/** A head has room for 16 kB of it. */
const MAX_REJECTED_CHARS = 256;

const shown = (inbound: string, sanitize: (text: string) => string): string =>
  inbound.length <= MAX_REJECTED_CHARS
    ? inbound
    : `${sanitize(inbound).slice(0, MAX_REJECTED_CHARS).toWellFormed()}…`;

/**
 * Takes a well-formed inbound `x-request-id`; otherwise makes `req_` and 12 lower-case hex digits. One that looks like a
 * secret is not taken: it would stand everywhere, or be redacted in one place and not in another.
 */
export const chooseRequestId = (
  inbound: string | undefined,
  randomHex: (bytes: number) => string,
  sanitize: (text: string) => string,
): RequestId => {
  const usable = inbound !== undefined && ACCEPTED.test(inbound) && sanitize(inbound) === inbound;
  if (usable) return { reqId: inbound, rejected: null };
  return { reqId: `req_${randomHex(6)}`, rejected: inbound === undefined ? null : shown(inbound, sanitize) };
};
