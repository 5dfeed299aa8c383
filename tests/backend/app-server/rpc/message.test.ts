import { parseMessage } from '../../../../src/backend/app-server/rpc/message.ts';
import { createRandom } from '../../../support/random.ts';

test('a result is a response, whatever the result is', () => {
  for (const result of [{}, null, 0, false, '', []]) {
    expect(parseMessage(JSON.stringify({ id: 1, result }))).toEqual({ type: 'response', id: 1, result });
  }
});

test('an error object is an error, with its data', () => {
  const error = { code: -32600, message: 'no', data: { why: 'x' } };
  expect(parseMessage(JSON.stringify({ id: 'a', error }))).toEqual({ type: 'error', id: 'a', error });
});

test('a method with an id is a request of the server, with the id 0 too', () => {
  const request = { id: 0, method: 'item/tool/call', params: { a: 1 } };
  expect(parseMessage(JSON.stringify(request))).toEqual({ type: 'request', ...request });
});

test('a request may bear an id of ours, and what looks like an answer, and stays a request', () => {
  const line = JSON.stringify({ id: 1, method: 'x', params: {}, result: {} });
  expect(parseMessage(line)).toMatchObject({ type: 'request', id: 1, method: 'x' });
});

test('a method without an id is a notification, with or without params', () => {
  expect(parseMessage('{"method":"initialized"}')).toEqual({
    type: 'notification',
    method: 'initialized',
    params: undefined,
  });
  expect(parseMessage('{"method":"m","params":[1]}')).toEqual({
    type: 'notification',
    method: 'm',
    params: [1],
  });
});

test.each([
  ['', 'no JSON'],
  ['not json', 'no JSON'],
  ['{"id":1,"result":', 'no JSON'],
  ['null', 'no object'],
  ['[]', 'no object'],
  ['[{"id":1,"result":1}]', 'no object'],
  ['1', 'no object'],
  ['"text"', 'no object'],
  ['{}', 'neither method nor id'],
  ['{"result":1}', 'neither method nor id'],
  ['{"id":null,"result":1}', 'neither method nor id'],
  ['{"id":true,"result":1}', 'neither method nor id'],
  ['{"id":{},"result":1}', 'neither method nor id'],
  ['{"id":1}', 'neither result nor error'],
  ['{"method":1,"id":1}', 'a method that is no string'],
  ['{"method":null}', 'a method that is no string'],
  ['{"method":"m","id":null}', 'an id that is neither string nor number'],
  ['{"method":"m","id":[1]}', 'an id that is neither string nor number'],
  ['{"id":1,"error":null}', 'an error without code or message'],
  ['{"id":1,"error":"no"}', 'an error without code or message'],
  ['{"id":1,"error":{"code":"1","message":"m"}}', 'an error without code or message'],
  ['{"id":1,"error":{"code":1}}', 'an error without code or message'],
])('%s is garbage: %s', (line, reason) => {
  expect(parseMessage(line)).toEqual({ type: 'garbage', reason });
});

test('names of the prototype are nothing special', () => {
  expect(parseMessage('{"__proto__":{"method":"m"}}')).toEqual({
    type: 'garbage',
    reason: 'neither method nor id',
  });
  expect(parseMessage('{"method":"constructor"}')).toMatchObject({ type: 'notification' });
});

test('twenty thousand mutated messages never throw and are always one of the five shapes', () => {
  const random = createRandom(7);
  const seeds = [
    '{"id":7,"result":{"turn":{"id":"t","status":"inProgress"}}}',
    '{"id":7,"error":{"code":-32600,"message":"Invalid request"}}',
    '{"id":0,"method":"item/tool/call","params":{"threadId":"th","turnId":"t"}}',
    '{"method":"item/agentMessage/delta","params":{"threadId":"th","delta":"naïve 😀"}}',
  ] as const;
  const seen = new Set<string>();
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(random.pick(seeds));
    for (let change = random.below(4); change > 0; change--) {
      bytes[random.below(bytes.length)] = random.pick([0x22, 0x2c, 0x3a, 0x7b, 0x7d, 0x5b, 0x30, 0xff]);
    }
    const line = bytes.toString('utf8').slice(0, random.below(8) === 0 ? random.below(80) : undefined);
    const message = parseMessage(line);
    seen.add(message.type);
    if (message.type === 'request') expect(['string', 'number']).toContain(typeof message.id);
    if (message.type === 'notification') expect(typeof message.method).toBe('string');
  }
  expect([...seen].sort()).toEqual(['error', 'garbage', 'notification', 'request', 'response']);
});
