/**
 * The one sanitizer: everything that leaves the process (span, mirror, log, usage record) has passed through it. What
 * it looks for is in `sanitize/`: names in `keys.ts`, the looks of secrets in `tokens.ts`, `credentials.ts` and
 * `assignment.ts`.
 */
export { isSecretAttribute, sanitizeAttributes } from './sanitize/attributes.ts';
export { sanitizeHeaders } from './sanitize/headers.ts';
export { sanitizeJson } from './sanitize/json.ts';
export { truncatePayload } from './sanitize/payload.ts';
export { REDACTED } from './sanitize/rule.ts';
export { createTextSanitizer, sanitizeText } from './sanitize/scanner.ts';
export { describePayload } from './sanitize/shape.ts';
