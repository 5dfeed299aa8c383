import { showText } from './attributes.ts';
import { describeWords } from './words.ts';

/** Headers whose values are words of HTTP, of client libraries and of ours. */
const HEADERS = new Set(
  (
    'accept accept-encoding connection content-length content-type expect host transfer-encoding user-agent x-request-timeout-ms ' +
    'x-should-retry x-trace-force'
  ).split(' '),
);

const isShown = (name: string): boolean => HEADERS.has(name) || name.startsWith('x-stainless-');

const showHeader = ([name, value]: [string, unknown]): [string, unknown] => {
  if (isShown(name)) return [name, value];
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
