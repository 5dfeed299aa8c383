import type { Sensitivity } from './keys.ts';
import { REDACTED } from './rule.ts';

/** What stands before a value that may be secret. */
export interface Separator {
  readonly name: string;
  readonly sensitivity: Sensitivity;
  readonly colon: boolean;
  /** `==` and `===` compare with a value rather than give one. */
  readonly comparison: boolean;
  /** No blanks around it, as in a shell or a query; prose and code have some. */
  readonly tight: boolean;
  /** For a name in double quotes, as JSON has them: the backslashes before the closing one. */
  readonly jsonEscapes: number | undefined;
  /** The quote that stands before the name and is not closed behind it, or ''. */
  readonly openQuote: string;
}

/** What stands for a whole JSON value is a JSON text, in quotes like those of the name. */
export const jsonLabel = (escapes: number | undefined): string => {
  const quote = escapes === undefined ? '' : `${'\\'.repeat(escapes)}"`;
  return quote + REDACTED + quote;
};
