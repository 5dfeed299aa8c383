import { createRpcConnection } from '../../../../src/backend/app-server/rpc/connection.ts';
import { GatewayError } from '../../../../src/errors.ts';
import { aContext, createFakeConnection } from '../../../support/fake-connection.ts';
import { createFakeSpan } from '../../../support/fake-span.ts';

test('a request of the server is answered under its own id, also when that is an id of ours', async () => {
  const { rpc, say, sent, requests } = createFakeConnection({ result: { decision: 'decline' } });
  let settled = false;
  const ours = rpc.callRpc(aContext().context, 'turn/start', {}).finally(() => {
    settled = true;
  });
  say({ id: 1, method: 'item/tool/call', params: { threadId: 'th' } });
  expect(requests).toEqual([
    { type: 'request', id: 1, method: 'item/tool/call', params: { threadId: 'th' } },
  ]);
  expect(sent.slice(1)).toEqual([{ id: 1, result: { decision: 'decline' } }]);
  await Promise.resolve();
  expect(settled).toBe(false);
  say({ id: 1, result: 'ours' });
  await expect(ours).resolves.toBe('ours');
});

test('ids of the server may be 0 and may be words', () => {
  const { say, sent } = createFakeConnection({ error: { code: -32601, message: 'no' } });
  say({ id: 0, method: 'a' });
  say({ id: 'x', method: 'b' });
  expect(sent).toEqual([
    { id: 0, error: { code: -32601, message: 'no' } },
    { id: 'x', error: { code: -32601, message: 'no' } },
  ]);
});

test('notifications go to their handler as they come', () => {
  const { say, notifications } = createFakeConnection();
  say({ method: 'turn/started', params: { threadId: 'th' } });
  say({ method: 'warning' });
  expect(notifications).toMatchObject([{ method: 'turn/started' }, { method: 'warning' }]);
});

test('an answer to no request of ours is garbage, and named by its id', () => {
  const { say, garbage } = createFakeConnection();
  say({ id: 99, result: {} });
  say({ id: 'x', error: { code: 1, message: 'm' } });
  expect(garbage.map(({ reason }) => reason)).toEqual([
    'an answer to no request of ours (id 99)',
    'an answer to no request of ours (id x)',
  ]);
});

test('a second answer to the same request is garbage, and the first one counts', async () => {
  const { rpc, say, garbage } = createFakeConnection();
  const result = rpc.callRpc(aContext().context, 'm', {});
  say({ id: 1, result: 'first' });
  say({ id: 1, result: 'second' });
  await expect(result).resolves.toBe('first');
  expect(garbage).toHaveLength(1);
});

test('a garbage line is counted in bytes and hurts nobody', async () => {
  const { rpc, say, garbage } = createFakeConnection();
  const result = rpc.callRpc(aContext().context, 'm', {});
  say('Trace: naïve 漢');
  say('{"id":1,"res');
  say('[]');
  expect(garbage).toEqual([
    { reason: 'no JSON', bytes: 17 },
    { reason: 'no JSON', bytes: 12 },
    { reason: 'no object', bytes: 2 },
  ]);
  say({ id: 1, result: 'fine' });
  await expect(result).resolves.toBe('fine');
});

test('our notifications carry no id, and params only where there are some', () => {
  const { rpc, sent } = createFakeConnection();
  rpc.notify('initialized');
  rpc.notify('progress', { at: 1 });
  expect(sent).toEqual([{ method: 'initialized' }, { method: 'progress', params: { at: 1 } }]);
});

test('what comes after the connection was closed hurts nobody', () => {
  const { rpc, say, garbage, refuse } = createFakeConnection();
  rpc.callRpc(null, 'm', {}).catch(() => undefined);
  rpc.close(new GatewayError('backend_exited', 'gone'));
  refuse();
  say({ id: 1, result: 'late' });
  say({ id: 5, method: 'item/tool/call' });
  expect(garbage).toHaveLength(1);
});

test('a message that nothing can be made of is garbage, and what comes behind it is heard', () => {
  const heard: string[] = [];
  const garbage: string[] = [];
  const rpc = createRpcConnection(
    { kind: 'pipe', send: () => true },
    {
      takeLine: () => false,
      onNotification({ method, params }) {
        // No text can be made of such an object: whoever tries, throws.
        if (method === 'odd') heard.push(String(params));
        heard.push(method);
      },
      onRequest: () => ({ result: {} }),
      onGarbage: (reason) => void garbage.push(reason),
      openSpan: (method) => createFakeSpan(method),
    },
  );
  rpc.receive('{"method":"odd","params":{"toString":null,"valueOf":null}}');
  rpc.receive('{"method":"next"}');
  expect([heard, garbage]).toEqual([['next'], ['a message that cannot be worked on']]);
});
