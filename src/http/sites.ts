import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { headOf } from '../cut.ts';
import { GatewayError } from '../errors.ts';

/** Whose pages and names a gateway that asks for no key answers to. */
export interface SiteRules {
  /** Null where a key is asked for instead, and nothing else was configured: a page that has no key gets nowhere. */
  readonly hosts: 'loopback' | 'addresses' | null;
  /** Names beside these, in lower case, without ports: `PROXY_ALLOWED_HOSTS`. */
  readonly allowed: readonly string[];
}

/** The refusal of a request that a foreign web page may have sent; null where none can have. Looks at the head alone. */
export type CheckSite = (request: IncomingMessage) => GatewayError | null;

interface Host {
  readonly name: string;
  readonly host: string;
}

/** As it stands in a URL: lower case, IPv4 in its usual spelling, IPv6 in brackets; null where it is no host. */
const parseHost = (url: string): Host | null => {
  if (!URL.canParse(url)) return null;
  const { hostname, host } = new URL(url);
  return { name: hostname.replace(/\.$/, ''), host };
};

/** The same for one URL after the other, most of which are the one before. */
const createHostOf = (): ((url: string) => Host | null) => {
  let last: { readonly url: string; readonly host: Host | null } | null = null;
  return (url) => {
    if (last?.url !== url) last = { url, host: parseHost(url) };
    return last.host;
  };
};

const addressOf = (name: string): string => name.replace(/^\[(.*)\]$/, '$1');

/** `localhost` and what stands below it never leave the machine, in any browser. */
const isLoopback = (name: string): boolean => {
  const address = addressOf(name);
  if (isIP(address) === 4) return address.startsWith('127.');
  if (isIP(address) === 6) return address === '::1' || address.startsWith('::ffff:7f');
  return name === 'localhost' || name.endsWith('.localhost');
};

const refuseHost = (name: string): GatewayError =>
  new GatewayError(
    'host_not_allowed',
    `This gateway does not answer to the name '${headOf(name, 100)}'; PROXY_ALLOWED_HOSTS adds names.`,
  );

const refuseOrigin = (origin: string): GatewayError =>
  new GatewayError(
    'origin_not_allowed',
    `This gateway takes no requests from pages of '${headOf(origin, 100)}'; PROXY_ALLOWED_HOSTS adds names.`,
  );

/** Where the request says it goes: its `Host`, and the host of a target that is a whole URL, which counts before that. */
const namedHosts = ({ url = '', headers }: IncomingMessage): string[] => [
  ...(headers.host === undefined ? [] : [`http://${headers.host}`]),
  ...(url.startsWith('/') ? [] : [url]),
];

/** A browser that sends no `Origin` still says that another site's page asks for something; following a link is no such thing. */
const isForeignFetch = ({ headers }: IncomingMessage): boolean =>
  headers.origin === undefined &&
  headers['sec-fetch-site'] === 'cross-site' &&
  headers['sec-fetch-mode'] !== 'navigate';

/**
 * Holds off web pages, which need no key where none is asked for. A page whose name was bound to our address afterwards (DNS rebinding)
 * still says its own name in `Host`, and every other page says where it is from in `Origin`.
 */
export const createCheckSite = ({ hosts, allowed }: SiteRules): CheckSite => {
  if (hosts === null) return () => null;
  const hostOf = createHostOf();
  const isOurs = (name: string): boolean => isLoopback(name) || allowed.includes(addressOf(name));
  const isName = (name: string): boolean =>
    isOurs(name) || (hosts === 'addresses' && isIP(addressOf(name)) > 0);
  return (request) => {
    const named = namedHosts(request).map((url) => ({ url, ...hostOf(url) }));
    const foreign = named.find(({ name }) => name === undefined || !isName(name));
    if (foreign) return refuseHost(foreign.name ?? foreign.url);
    if (isForeignFetch(request)) return refuseOrigin('another site');
    const { origin } = request.headers;
    if (origin === undefined) return null;
    const page = parseHost(origin);
    const isOwnPage = page !== null && named.some(({ host }) => host === page.host);
    return page !== null && (isOurs(page.name) || isOwnPage) ? null : refuseOrigin(origin);
  };
};
