import { RpcCallError } from '../../../../src/backend/app-server/rpc/pending.ts';
import { GatewayError } from '../../../../src/errors.ts';
import { aContext, createFakeConnection } from '../../../support/fake-connection.ts';
import { clientLeft } from '../../../support/fake-exchange.ts';
import { payloadsOf } from '../../../support/fake-span.ts';

const exited = () => new GatewayError('backend_exited', 'The backend process ended.');

test('a call opens a CLIENT span below its request, named by the method', async () => {
  const { rpc, say } = createFakeConnection();
  const { context, call } = aContext();
  const result = rpc.callRpc(context, 'turn/start', { a: 1 });
  expect(call()).toMatchObject({ name: 'turn/start', kind: 'CLIENT', ended: false });
  expect(call().attributes).toEqual({
    'rpc.system.name': 'jsonrpc',
    'rpc.method': 'turn/start',
    'network.transport': 'pipe',
    'jsonrpc.request.id': '1',
  });
  say({ id: 1, result: { turn: { id: 't' } } });
  await expect(result).resolves.toEqual({ turn: { id: 't' } });
  expect(call()).toMatchObject({ ended: true, failure: null });
});

test('the envelope carries the trace of the call itself, not of its parent, and both ways are recorded', async () => {
  const { rpc, say, sent } = createFakeConnection();
  const { context, call } = aContext();
  const result = rpc.callRpc(context, 'turn/start', { a: 1 });
  const trace = { traceparent: `00-${call().traceId}-${call().spanId}-01`, tracestate: 'throughline=req_1' };
  expect(sent).toEqual([{ id: 1, method: 'turn/start', params: { a: 1 }, trace }]);
  expect(payloadsOf(call(), 'rpc_request')).toEqual(sent);
  say({ id: 1, result: 5 });
  await result;
  expect(payloadsOf(call(), 'rpc_response')).toEqual([{ id: 1, result: 5 }]);
});

test('the transport names itself on the span', () => {
  const { rpc } = createFakeConnection({ result: {} }, 'tcp');
  const { context, call } = aContext();
  void rpc.callRpc(context, 'turn/start', {});
  expect(call().attributes['network.transport']).toBe('tcp');
});

test('a call for nobody opens a span of the connection', async () => {
  const { rpc, say, spans } = createFakeConnection();
  const result = rpc.callRpc(null, 'initialize', {});
  expect(spans).toMatchObject([{ name: 'initialize', attributes: { 'rpc.method': 'initialize' } }]);
  say({ id: 1, result: 'hello' });
  await expect(result).resolves.toBe('hello');
  expect(spans[0]?.ended).toBe(true);
});

test('many calls wait at once, and each gets its own answer, in whatever order they come', async () => {
  const { rpc, say } = createFakeConnection();
  const calls = Array.from({ length: 50 }, (_, n) => rpc.callRpc(aContext().context, 'm', { n }));
  for (let id = 50; id >= 1; id--) say({ id, result: id * 10 });
  expect(await Promise.all(calls)).toEqual(calls.map((_, n) => (n + 1) * 10));
});

test('an error answer rejects, and the span fails with its code', async () => {
  const { rpc, say } = createFakeConnection();
  const { context, call } = aContext();
  const result = rpc.callRpc(context, 'thread/start', {});
  const error = { code: -32600, message: 'unknown variant' };
  say({ id: 1, error });
  await expect(result).rejects.toEqual(new RpcCallError('thread/start', error));
  expect(call().attributes['rpc.status_code']).toBe('-32600');
  expect(call()).toMatchObject({ ended: true, failure: { type: '-32600', message: 'unknown variant' } });
  expect(payloadsOf(call(), 'rpc_error')).toEqual([{ id: 1, error }]);
});

test('a caller who gives up gets the reason at once, and leaving is no failure of the call', async () => {
  const { rpc } = createFakeConnection();
  const controller = new AbortController();
  const { context, call } = aContext(controller.signal);
  const result = rpc.callRpc(context, 'turn/start', {});
  controller.abort(clientLeft());
  await expect(result).rejects.toMatchObject({ code: 'client_disconnected' });
  expect(call()).toMatchObject({ ended: true, failure: null });
});

test('an answer that comes after its caller gave up is still recorded, on the span of its call', async () => {
  const { rpc, say, garbage } = createFakeConnection();
  const controller = new AbortController();
  const { context, call } = aContext(controller.signal);
  const result = rpc.callRpc(context, 'turn/start', {});
  controller.abort(new GatewayError('backend_timeout', 'late'));
  await expect(result).rejects.toMatchObject({ code: 'backend_timeout' });
  expect(call().failure).toEqual({ type: 'backend_timeout', message: 'late' });
  say({ id: 1, result: { turn: { id: 't' } } });
  expect(payloadsOf(call(), 'rpc_response')).toHaveLength(1);
  expect(garbage).toEqual([]);
});

test('a deadline that is nobody’s request fails the span too', async () => {
  const { rpc } = createFakeConnection();
  const controller = new AbortController();
  const { context, call } = aContext(controller.signal);
  const result = rpc.callRpc(context, 'turn/interrupt', {});
  controller.abort(new DOMException('late', 'TimeoutError'));
  await expect(result).rejects.toThrow('late');
  expect(call()).toMatchObject({ ended: true, failure: { type: 'TimeoutError' } });
});

test('a caller who has left already has nothing sent in his name', async () => {
  const { rpc, sent } = createFakeConnection();
  const { context, call } = aContext(AbortSignal.abort(clientLeft()));
  await expect(rpc.callRpc(context, 'turn/start', {})).rejects.toMatchObject({ code: 'client_disconnected' });
  expect(sent).toEqual([]);
  expect(call().ended).toBe(true);
});

test('closing fails every call that waits, and every later one', async () => {
  const { rpc, sent } = createFakeConnection();
  const waiting = [1, 2, 3].map(() => rpc.callRpc(aContext().context, 'm', {}));
  rpc.close(exited());
  for (const call of waiting) await expect(call).rejects.toMatchObject({ code: 'backend_exited' });
  const { context, call } = aContext();
  await expect(rpc.callRpc(context, 'm', {})).rejects.toMatchObject({ code: 'backend_exited' });
  expect(call().failure?.type).toBe('backend_exited');
  expect(sent).toHaveLength(3);
});

test('closing twice keeps the first reason', async () => {
  const { rpc } = createFakeConnection();
  rpc.close(exited());
  rpc.close(new GatewayError('shutting_down', 'later'));
  await expect(rpc.callRpc(null, 'm', {})).rejects.toMatchObject({ code: 'backend_exited' });
});

test('a transport that takes no more is an overloaded backend, and the call does not wait', async () => {
  const { rpc, refuse, garbage, say } = createFakeConnection();
  refuse();
  const { context, call } = aContext();
  await expect(rpc.callRpc(context, 'm', {})).rejects.toMatchObject({ code: 'backend_overloaded' });
  expect(call()).toMatchObject({ ended: true, failure: { type: 'backend_overloaded' } });
  say({ id: 1, result: {} });
  expect(garbage).toHaveLength(1);
});

test('a call that cannot be written as JSON fails at once, its span ends, and nothing of it waits for an answer', async () => {
  const { rpc, sent } = createFakeConnection();
  const { context, call } = aContext();
  const circle: { self?: unknown } = {};
  circle.self = circle;
  await expect(rpc.callRpc(context, 'turn/start', circle)).rejects.toMatchObject({ code: 'internal_error' });
  expect(call()).toMatchObject({ ended: true, failure: { type: 'internal_error' } });
  expect(sent).toEqual([]);
  rpc.close(exited());
});
