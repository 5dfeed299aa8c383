import { REDACTED } from '../sanitize/rule.ts';
import type { Sanitizer } from '../sanitize.ts';

/** Of the hash, which tells equal texts from different ones and is no proof of anything. */
const HASH_CHARS = 16;
const DESCRIBED = new RegExp(`^\\[\\d+ bytes, sha256 [0-9a-f]{${HASH_CHARS}}\\]$`);

/** A text in place of one that may not leave. */
export type DescribeWords = (text: string) => string;

/** Its size, and a hash of what the sanitizer left of it. A second time it stays as it is. */
export const createDescribeWords =
  ({ describePayload }: Sanitizer): DescribeWords =>
  (text) => {
    if (text === '' || text === REDACTED || DESCRIBED.test(text)) return text;
    const { bytes, sha256 } = describePayload(text);
    return `[${bytes} bytes, sha256 ${sha256.slice(0, HASH_CHARS)}]`;
  };
