import type { IncomingMessage } from 'node:http';
import { reader } from '../../src/config/reader.ts';
import { readSites } from '../../src/config/sites.ts';
import { createCheckSite } from '../../src/http/sites.ts';

type Setting = { host?: string; hasKeys?: boolean; allowed?: string };

const checkerOf = ({ host = '127.0.0.1', hasKeys = false, allowed }: Setting) =>
  createCheckSite(readSites(reader({ PROXY_ALLOWED_HOSTS: allowed }), host, hasKeys));

/** The code of the refusal, or null. */
const codeOf = (setting: Setting, headers: Record<string, string>, url = '/v1/models'): string | null =>
  checkerOf(setting)({ url, headers } as unknown as IncomingMessage)?.code ?? null;

const ON_LOOPBACK: Setting = {};
const EVERYWHERE: Setting = { host: '0.0.0.0' };
const WITH_KEYS: Setting = { hasKeys: true };

describe('a gateway on loopback without keys', () => {
  test.each([
    'localhost',
    'localhost:8787',
    'LocalHost.:8787',
    'app.localhost',
    '127.0.0.1:8787',
    '127.1.2.3',
    '127.1',
    '[::1]:8787',
    '[::ffff:127.0.0.1]',
  ])('answers to %s', (host) => {
    expect(codeOf(ON_LOOPBACK, { host })).toBeNull();
  });

  test.each([
    'evil.example',
    'evil.example:8787',
    'localhost.evil.example',
    'notlocalhost',
    '127.0.0.1.evil.example',
    '192.168.0.7',
    '0.0.0.0',
    '[::]',
    '[fe80::1]',
    'x',
  ])('does not answer to %s', (host) => {
    expect(codeOf(ON_LOOPBACK, { host })).toBe('host_not_allowed');
  });

  test.each([
    ['http://evil.example/v1/models', '127.0.0.1'],
    ['http://localhost/v1/models', 'evil.example'],
    ['http://localhost@evil.example/', '127.0.0.1'],
  ])('looks at the target %s as well as at the Host %s', (url, host) => {
    expect(codeOf(ON_LOOPBACK, { host }, url)).toBe('host_not_allowed');
  });

  test('takes a target that is a whole URL of its own', () => {
    expect(codeOf(ON_LOOPBACK, { host: 'localhost' }, 'http://127.0.0.1:8787/v1/models')).toBeNull();
  });

  test.each(['http://localhost:3000', 'http://127.0.0.1', 'https://app.localhost', 'http://[::1]:5173'])(
    'takes requests of the page %s',
    (origin) => {
      expect(codeOf(ON_LOOPBACK, { host: 'localhost', origin })).toBeNull();
    },
  );

  test.each([
    'https://evil.example',
    'null',
    '',
    'http://192.168.0.7',
    'file://',
    'http://localhost, http://evil.example',
  ])('takes none of %j', (origin) => {
    expect(codeOf(ON_LOOPBACK, { host: 'localhost', origin })).toBe('origin_not_allowed');
  });

  test('takes no request that a foreign page makes without an Origin, but a link may be followed', () => {
    const fetched = { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect(codeOf(ON_LOOPBACK, fetched)).toBe('origin_not_allowed');
    expect(codeOf(ON_LOOPBACK, { ...fetched, 'sec-fetch-mode': 'navigate' })).toBeNull();
    expect(codeOf(ON_LOOPBACK, { ...fetched, 'sec-fetch-site': 'same-origin' })).toBeNull();
  });

  test('takes the names that the operator adds, in Host and Origin, and no others', () => {
    const setting = { allowed: ' Gateway.Example , 10.0.0.7, fd00::0:7 ' };
    for (const host of ['gateway.example:443', '10.0.0.7', '[fd00::7]:80'])
      expect(codeOf(setting, { host })).toBeNull();
    expect(codeOf(setting, { host: 'localhost', origin: 'https://gateway.example' })).toBeNull();
    expect(codeOf(setting, { host: 'localhost', origin: 'app://gateway.example' })).toBeNull();
    expect(codeOf(setting, { host: 'sub.gateway.example' })).toBe('host_not_allowed');
    expect(codeOf(setting, { host: '10.0.0.8' })).toBe('host_not_allowed');
  });
});

describe('a gateway that anybody may use without a key', () => {
  test.each(['192.168.0.7:8787', '0.0.0.0', '[fe80::1]', 'localhost'])('answers to %s', (host) => {
    expect(codeOf(EVERYWHERE, { host })).toBeNull();
  });

  test('does not answer to a name: a page can bind its own one to any address', () => {
    expect(codeOf(EVERYWHERE, { host: 'evil.example' })).toBe('host_not_allowed');
    expect(codeOf({ ...EVERYWHERE, allowed: 'gateway' }, { host: 'gateway' })).toBeNull();
  });

  test('takes requests of its own page, and of no page of another address', () => {
    const host = '192.168.0.7:8787';
    expect(codeOf(EVERYWHERE, { host, origin: `http://${host}` })).toBeNull();
    expect(codeOf(EVERYWHERE, { host, origin: 'http://203.0.113.5' })).toBe('origin_not_allowed');
    expect(codeOf(EVERYWHERE, { host, origin: 'http://192.168.0.7:9999' })).toBe('origin_not_allowed');
  });
});

describe('a gateway with keys', () => {
  test('looks at neither: a page has no key to send', () => {
    expect(codeOf(WITH_KEYS, { host: 'evil.example', origin: 'https://evil.example' })).toBeNull();
    expect(codeOf({ ...WITH_KEYS, host: '0.0.0.0' }, { host: 'evil.example', origin: 'null' })).toBeNull();
  });

  test('looks at both where the operator has given names', () => {
    const setting = { ...WITH_KEYS, allowed: 'gateway.example' };
    expect(codeOf(setting, { host: 'gateway.example' })).toBeNull();
    expect(codeOf(setting, { host: '10.1.2.3' })).toBeNull();
    expect(codeOf(setting, { host: 'evil.example' })).toBe('host_not_allowed');
    expect(codeOf(setting, { host: 'gateway.example', origin: 'null' })).toBe('origin_not_allowed');
  });
});

test.each(['http://a.example', 'a.example:80', 'a.example/x', '*', 'a b', '[::1]', ':::', '-a'])(
  'PROXY_ALLOWED_HOSTS=%s stops the start',
  (allowed) => {
    expect(() => checkerOf({ allowed })).toThrow(`PROXY_ALLOWED_HOSTS=${allowed} is not valid: a comma list`);
  },
);
