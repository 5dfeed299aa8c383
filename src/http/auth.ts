import { createHash, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../errors.ts';

export interface ApiKey {
  readonly name: string;
  readonly key: string;
}

/** Finds the name of the key that an `Authorization` header bears. Without keys everybody is let in, nameless. */
export type Authenticate = (authorization: string | undefined) => string | null;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const refuse = (message: string): never => {
  throw new GatewayError('invalid_api_key', message, {
    headers: { 'www-authenticate': 'Bearer realm="throughline"' },
  });
};

/** Keys are compared as hashes, in constant time, all of them, so that timing tells nothing. */
export const createAuthenticate = (keys: readonly ApiKey[]): Authenticate => {
  const known = keys.map(({ name, key }) => ({ name, hash: digest(key) }));
  if (known.length === 0) return () => null;
  return (authorization) => {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) return refuse('Send an API key: Authorization: Bearer <key>.');
    const hash = digest(token);
    const matches = known.filter((candidate) => timingSafeEqual(candidate.hash, hash));
    return matches[0]?.name ?? refuse('The API key is not known to this gateway.');
  };
};
