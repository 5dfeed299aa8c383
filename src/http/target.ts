import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';

const HOST = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/;
const MAX_PORT = 65_535;
const HOST_HEADER = 'host';

const isHost = (host: string): boolean => {
  const match = HOST.exec(host);
  return match !== null && Number(match[1] ?? 0) <= MAX_PORT;
};

/** A path that needs no parser to be known as one. */
const PLAIN_PATH = /^(?:\/[\w.~-]+)+(?:\?[\w.~=&-]*)?$/;

const isTarget = (url: string): boolean => PLAIN_PATH.test(url) || isParsedTarget(url);

const isParsedTarget = (url: string): boolean =>
  /^(?:\/|https?:\/\/)/.test(url) &&
  !(url.split('?', 1)[0] ?? '').includes('\\') &&
  URL.canParse(url, 'http://localhost');

/** Names and values take turns. */
const hostLines = (rawHeaders: readonly string[]): number => {
  let lines = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === HOST_HEADER.length && name.toLowerCase() === HOST_HEADER) lines++;
  }
  return lines;
};

const refuse = (what: string): GatewayError =>
  new GatewayError('invalid_http_request', `This is no HTTP/1.1 request: ${what}.`, {
    headers: { connection: 'close' },
  });

/** What is wrong with where a request says it goes. The router would answer such a request by itself, unseen. */
export const targetProblem = ({
  url = '',
  headers,
  rawHeaders,
  httpVersionMajor,
  httpVersionMinor,
}: IncomingMessage): GatewayError | null => {
  const needsHost = httpVersionMajor === 1 && httpVersionMinor >= 1;
  // Node keeps the first, whoever stands before us perhaps another one.
  if (hostLines(rawHeaders) > 1) return refuse('it has two Host headers');
  if (headers.host === undefined && needsHost) return refuse('it has no Host header');
  if (headers.host !== undefined && !isHost(headers.host)) return refuse('its Host header is not valid');
  return isTarget(url) ? null : refuse('its target is no path and no http URL');
};
