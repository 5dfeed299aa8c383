import { z } from 'zod';

/** What `npm audit signatures --json` came to. `unknown` is no answer: nothing was verified, and nothing is known to be wrong. */
export type Verdict = { state: 'valid' | 'unknown' | 'invalid'; lines: string[] };

const packages = z.array(z.object({ name: z.string(), version: z.string() }));
const report = z.object({ invalid: packages, missing: packages });
const failure = z.object({ error: z.object({ code: z.string().nullish(), summary: z.string() }) });

/** The network's words for an answer that did not come, and the registry's for having no signatures. */
const NO_ANSWER =
  /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|E40[03457]|E429|E5\d\d)$/;
const NO_SIGNATURES = /found no dependencies to audit that were installed from a supported registry/;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Whatever is not understood is a fault: a check that cannot fail checks nothing. */
export const judge = (stdout: string, exitCode: number | null): Verdict => {
  const said = parse(stdout);
  const listed = report.safeParse(said);
  if (listed.success) {
    const { invalid, missing } = listed.data;
    const lines = [
      ...invalid.map(({ name, version }) => `the signature of ${name}@${version} is not valid`),
      ...missing.map(({ name, version }) => `${name}@${version} has no signature`),
    ];
    const isValid = lines.length === 0 && exitCode === 0;
    return isValid
      ? { state: 'valid', lines: ['every installed package has a valid signature'] }
      : { state: 'invalid', lines: [...lines, `npm ended with ${exitCode}`] };
  }
  const failed = failure.safeParse(said);
  if (!failed.success)
    return { state: 'invalid', lines: [`npm ended with ${exitCode}, and said nothing known`] };
  const { code, summary } = failed.data.error;
  const isUnanswered = NO_ANSWER.test(code ?? '') || NO_SIGNATURES.test(summary);
  return isUnanswered
    ? { state: 'unknown', lines: [`NOT CHECKED: the registry gives no answer (${code ?? summary})`] }
    : { state: 'invalid', lines: [`npm failed: ${code ?? ''} ${summary}`] };
};
