import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { Api, RelayBody, RelayRequest } from '../gateway/relay.ts';
import type { ParsedBody } from './parse-body.ts';
import { RELAYED_ROUTES, ROUTES, type Route } from './routes.ts';

/** A segment that a server may read as `.` or `..`, also when it is encoded. */
const UP = /^(?:\.|%2e){1,2}$/i;
/** Where a segment may end for a server: some have parameters behind `;`, some end a text at a zero. */
const SEGMENT_ENDS = /[/\\;]|%(?:2f|5c|3b|00)/i;
/** Percent signs that were escaped, for servers that decode more than once. */
const ESCAPED_PERCENT = /%(?:25)+/g;

const leadsElsewhere = (path: string): boolean =>
  path
    .replaceAll(ESCAPED_PERCENT, '%')
    .split(SEGMENT_ENDS)
    .some((segment) => UP.test(segment));

/** A path as a server may read it that decodes more than once, and cares neither for case nor for doubled slashes. */
const plainly = (path: string): string => {
  const escapes = path.replaceAll(ESCAPED_PERCENT, '%');
  const decoded = escapes.replaceAll(/%[\da-f]{2}/gi, (encoded) =>
    String.fromCharCode(Number.parseInt(encoded.slice(1), 16)),
  );
  return decoded
    .toLowerCase()
    .replaceAll(/[/\\]+/g, '/')
    .replace(/\/$/, '');
};

/** The API path that this one is another spelling of; undefined for any other path. */
const apiPathOf = (below: string): string | undefined =>
  [...ROUTES, ...RELAYED_ROUTES].find(({ path }) => path === `/v1${plainly(below)}`)?.path;

/** The path below `/v1` with its query, as the client wrote it. Throws if the path could lead out of `/v1`. */
const targetOf = ({ url = '' }: IncomingMessage, { path }: Route): string => {
  const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
  if (!path.includes('{') && !path.includes('*')) return path.slice('/v1'.length) + query;
  const [, below] = /^(?:https?:\/\/[^/?#]*)?\/v1(\/[^?#]*)/.exec(url) ?? [];
  if (below === undefined || leadsElsewhere(below)) {
    throw new GatewayError('route_not_found', 'Such a path is not sent on: write it plainly, below /v1.');
  }
  const meant = path.includes('*') ? apiPathOf(below) : undefined;
  if (meant !== undefined)
    throw new GatewayError('route_not_found', `Such a path is not sent on: write it plainly, as ${meant}.`);
  return below + query;
};

const bodyOf = (parsed: ParsedBody): RelayBody => {
  switch (parsed.type) {
    case 'json':
      return { type: 'bytes', bytes: parsed.bytes };
    case 'stream':
      return { type: 'stream', size: parsed.size, chunks: parsed.chunks };
    case 'none':
    case 'unread':
    case 'unparsable':
      return { type: 'none' };
  }
};

/** The request as its client sent it, for a backend that relays requests. */
export const relayRequestOf = (
  request: IncomingMessage,
  route: Route,
  api: Api,
  parsed: ParsedBody,
  model: string | null,
): RelayRequest => {
  const value = parsed.type === 'json' ? parsed.value : undefined;
  return {
    api,
    method: request.method ?? '',
    target: targetOf(request, route),
    headers: request.headers,
    body: bodyOf(parsed),
    value,
    model,
    stream: (value as { stream?: unknown } | null | undefined)?.stream === true,
  };
};
