import type { IncomingMessage } from 'node:http';
import { headOf } from '../cut.ts';
import type { Sanitizer } from '../telemetry/index.ts';

const MAX_VALUE_CHARS = 256;
const MAX_NAME_CHARS = 64;
const MAX_PATH_CHARS = 1024;
const MAX_HEADERS = 64;

/** Cut behind the sanitizer: half a secret would not be known as one. */
const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max).toWellFormed()}…[${text.length} chars]`;

const cutValue = (value: string | string[]): string | string[] =>
  Array.isArray(value)
    ? value.slice(0, MAX_HEADERS).map((part) => cut(part, MAX_VALUE_CHARS))
    : cut(value, MAX_VALUE_CHARS);

/** What the trace may know of a request's head. Its query stands on the SERVER span, where the conventions want it. */
export const recordedHead = (
  { method, headers }: IncomingMessage,
  path: string,
  { sanitizeHeaders }: Sanitizer,
) => {
  const clean = Object.entries(sanitizeHeaders(headers));
  const shown = clean.slice(0, MAX_HEADERS);
  return {
    method,
    // Between words, since nothing has cleaned it yet.
    path: headOf(path, MAX_PATH_CHARS),
    headers: Object.fromEntries(
      shown.map(([name, value]) => [cut(name, MAX_NAME_CHARS), cutValue(value)] as const),
    ),
    ...(clean.length > shown.length && { headers_left_out: clean.length - shown.length }),
  };
};
