import type { AttributePolicy } from './attributes.ts';
import type { DescribeWords } from './words.ts';

/** Headers by which a client says where it came and what library it is. */
const NAMES_OF_CLIENTS = new Set(['host', 'user-agent']);
/** Headers that speak HTTP's own words, as long as they do. */
const WORDS_OF_HTTP = new Set(
  (
    'accept accept-encoding connection content-encoding content-length content-type expect transfer-encoding x-request-timeout-ms ' +
    'x-should-retry x-trace-force'
  ).split(' '),
);
const KNOWN = new Set(
  (
    '* */* 100-continue application/json application/* br chunked close compress deflate gzip identity keep-alive ' +
    'multipart/form-data text/* text/event-stream text/html text/plain true false utf-8 charset=utf-8 zstd'
  ).split(' '),
);

const isKnownWord = (word: string): boolean => KNOWN.has(word) || /^(?:q=)?[\d.]{1,12}$/.test(word);
const speaksHttp = (value: unknown): boolean =>
  typeof value === 'string' &&
  value
    .toLowerCase()
    .split(/[,;\s]+/)
    .every((word) => word === '' || isKnownWord(word));

/** What OpenAI's libraries say of themselves. */
const OF_A_LIBRARY =
  /^x-stainless-(?:arch|async|helper-method|lang|os|package-version|poll-helper|read-timeout|retry-count|runtime|runtime-version|timeout)$/;

const isShown = (name: string, value: unknown): boolean =>
  NAMES_OF_CLIENTS.has(name) || OF_A_LIBRARY.test(name) || (WORDS_OF_HTTP.has(name) && speaksHttp(value));

/** Of these the name alone is shown. */
const KNOWN_NAMES = new Set(
  (
    'accept-language authorization cache-control cookie if-none-match openai-beta openai-organization openai-project origin referer ' +
    'traceparent tracestate via x-api-key x-forwarded-for x-request-id'
  ).split(' '),
);
const isKnownName = (name: string): boolean =>
  KNOWN_NAMES.has(name) || WORDS_OF_HTTP.has(name) || NAMES_OF_CLIENTS.has(name) || OF_A_LIBRARY.test(name);

const showHeader = ([name, value]: [string, unknown], describeWords: DescribeWords): [string, unknown] => {
  if (isShown(name, value)) return [name, value];
  if (Array.isArray(value)) return [name, value.map((item) => describeWords(String(item)))];
  return [name, describeWords(String(value))];
};

/** Headers that a client made up are counted. */
const showHeaders = (headers: object, describeWords: DescribeWords): Record<string, unknown> => {
  const known = Object.entries(headers).filter(([name]) => isKnownName(name));
  const others = Object.keys(headers).length - known.length;
  return {
    ...Object.fromEntries(known.map((header) => showHeader(header, describeWords))),
    ...(others > 0 && { other_headers: others }),
  };
};

/** What is told of a request beside its content, as it may leave whatever is captured: the path of its route, and some of its headers. */
export const showAbout = (
  about: Readonly<Record<string, unknown>>,
  route: string | null,
  showText: AttributePolicy['text'],
  describeWords: DescribeWords,
): Readonly<Record<string, unknown>> => {
  const { path, headers } = about;
  return {
    ...about,
    ...(typeof path === 'string' && { path: showText('url.path', path, { route }) }),
    ...(typeof headers === 'object' && headers !== null && { headers: showHeaders(headers, describeWords) }),
  };
};
