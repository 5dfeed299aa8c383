import { showText } from './attributes.ts';
import { describeWords } from './words.ts';

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

const isShown = (name: string, value: unknown): boolean =>
  NAMES_OF_CLIENTS.has(name) ||
  name.startsWith('x-stainless-') ||
  (WORDS_OF_HTTP.has(name) && speaksHttp(value));

const showHeader = ([name, value]: [string, unknown]): [string, unknown] => {
  if (isShown(name, value)) return [name, value];
  if (Array.isArray(value)) return [name, value.map((item) => describeWords(String(item)))];
  return [name, describeWords(String(value))];
};

/** What is told of a request beside its content, as it may leave whatever is captured: the path of its route, and some of its headers. */
export const showAbout = (
  about: Readonly<Record<string, unknown>>,
  route: string | null,
): Readonly<Record<string, unknown>> => {
  const { path, headers } = about;
  return {
    ...about,
    ...(typeof path === 'string' && { path: showText('url.path', path, { route }) }),
    ...(typeof headers === 'object' &&
      headers !== null && { headers: Object.fromEntries(Object.entries(headers).map(showHeader)) }),
  };
};
