import { ConfigError, type Reader } from './reader.ts';

/** Which hosts a request may name, and which pages it may come from. */
export interface Sites {
  /** `loopback`: names and addresses of this machine; `addresses`: any IP address as well; null: nothing is checked. */
  readonly hosts: 'loopback' | 'addresses' | null;
  /** Names and addresses beside these, in lower case. */
  readonly allowed: readonly string[];
}

export const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

const NAME = /^(?:[a-z0-9]([a-z0-9._-]*[a-z0-9])?|[0-9a-f:.]+:[0-9a-f:.]*)$/;

/** As it stands in a URL, without brackets: that is how it is compared. */
const readName = (entry: string, list: string): string => {
  const url = entry.includes(':') ? `http://[${entry}]` : `http://${entry}`;
  if (NAME.test(entry) && URL.canParse(url)) return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  throw new ConfigError('PROXY_ALLOWED_HOSTS', list, 'a comma list of host names, without scheme or port');
};

const readAllowed = ({ given }: Reader): string[] => {
  const list = given('PROXY_ALLOWED_HOSTS') ?? '';
  const entries = list.split(',').flatMap((entry) => entry.trim().toLowerCase() || []);
  return entries.map((entry) => readName(entry, list));
};

/**
 * Without keys a web page must be told apart from the machine's own programs. Where keys are asked for, names are checked only if the
 * operator has given some: a page has no key to send.
 */
export const readSites = (read: Reader, host: string, hasKeys: boolean): Sites => {
  const allowed = Object.freeze(readAllowed(read));
  if (hasKeys) return Object.freeze({ hosts: allowed.length > 0 ? 'addresses' : null, allowed });
  return Object.freeze({ hosts: LOOPBACK.has(host) ? 'loopback' : 'addresses', allowed });
};
