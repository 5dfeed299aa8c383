import { createHash } from 'node:crypto';
import { cutText } from '../../src/telemetry/sanitize/payload.ts';
import { describePayload } from '../support/sanitizer.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('a text that fits stays as it is', () => {
  const text = 'x'.repeat(100);
  expect(cutText(text)).toEqual({ text });
});

test('the bound counts bytes of UTF-8', () => {
  expect(cutText('ü'.repeat(50), 100)).toEqual({ text: 'ü'.repeat(50) });
  expect(cutText('ü'.repeat(51), 100)).toEqual({
    text: `${'ü'.repeat(50)}…[truncated 102 bytes]`,
    truncated: { bytes: 102, sha256: sha256('ü'.repeat(51)) },
  });
});

test('of a text that does not fit the start is kept, with the size and hash of the whole', () => {
  const text = 'x'.repeat(91_191);
  const { text: cut, truncated } = cutText(text);
  expect(truncated).toEqual({ bytes: text.length, sha256: sha256(text) });
  expect(cut).toBe(`${text.slice(0, 16 * 1024)}…[truncated ${text.length} bytes]`);
});

test('a cut never falls inside a character', () => {
  for (let maxBytes = 0; maxBytes < 12; maxBytes++) {
    const { text } = cutText('aé🌍🌎', maxBytes);
    expect(text.isWellFormed()).toBe(true);
    const start = text.split('…')[0] ?? '';
    expect('aé🌍🌎'.startsWith(start)).toBe(true);
    expect(Buffer.byteLength(start)).toBeLessThanOrEqual(maxBytes);
  }
});

const CHAT = {
  model: 'gpt-5',
  stream: true,
  messages: [
    { role: 'system', content: 'very private' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'private' },
        { type: 'image_url', image_url: { url: 'private' } },
      ],
    },
    { role: 'pirate', content: 'private', mine: 1 },
  ],
  tools: [{ type: 'function', function: { name: 'private_tool' } }],
  metadata: { private_name: 'x' },
  privateKeyName: 1,
};

test('a description has roles, counts, types and known names, and no content', () => {
  const { bytes, sha256: hash, shape } = describePayload(CHAT);
  expect(shape).toEqual({
    model: 'string',
    stream: 'boolean',
    messages: {
      count: 3,
      roles: { system: 1, user: 1, other: 1 },
      types: { text: 1, image_url: 1 },
      keys: ['role', 'content'],
    },
    tools: { count: 1, types: { function: 1 }, keys: ['type', 'function'] },
    metadata: { other_keys: 1 },
    other_keys: 1,
  });
  expect(JSON.stringify(shape)).not.toMatch(/private|pirate|gpt/);
  expect(bytes).toBe(JSON.stringify(CHAT).length);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

test('an app-server message is described by its known names', () => {
  const request = {
    id: 7,
    method: 'turn/start',
    params: { threadId: 't', input: [{ type: 'text', text: 'private' }] },
  };
  expect(describePayload(request).shape).toEqual({
    id: 'number',
    method: 'string',
    params: { threadId: 'string', input: { count: 1, types: { text: 1 }, keys: ['type', 'text'] } },
  });
});

test('equal payloads have equal hashes, and a secret does not change them', () => {
  const describe = (password: string) => describePayload({ model: 'm', password });
  expect(describe('one').sha256).toBe(describe('another').sha256);
  expect(describe('one').sha256).not.toBe(describePayload({ model: 'n', password: 'one' }).sha256);
});

test('a text that is no JSON is described by its size and the hash of what is not secret in it', () => {
  const text = '{"model": "gpt-5", "password": "hunter2", ü';
  expect(describePayload(text)).toEqual({
    bytes: Buffer.byteLength(text),
    sha256: sha256(text.replace('hunter2', '[REDACTED]')),
    shape: 'string',
  });
  expect(describePayload(Buffer.from([0xff, 0x00])).bytes).toBe(2);
});

test.each([null, undefined, 5, true, [], {}, [[1], 'a']])('%j can be described', (value) => {
  expect(describePayload(value)).toEqual({
    bytes: expect.any(Number),
    sha256: expect.any(String),
    shape: expect.anything(),
  });
});

test('a payload that cannot be read can be described', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(describePayload(proxy).shape).toBe('string');
});
