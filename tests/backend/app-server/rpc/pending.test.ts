import {
  createPendingRequests,
  type PendingRequest,
  RpcCallError,
} from '../../../../src/backend/app-server/rpc/pending.ts';
import { createFakeSpan } from '../../../support/fake-span.ts';

const request = (method: string): PendingRequest => ({
  method,
  span: createFakeSpan(method),
  resolve: () => undefined,
  reject: () => undefined,
});

test('each request gets an id of its own, and is found by it once', () => {
  const pending = createPendingRequests();
  const [first, second] = [request('a'), request('b')];
  const ids = [pending.add(first), pending.add(second)];
  expect(new Set(ids).size).toBe(2);
  expect(pending.size).toBe(2);
  expect(pending.take(ids[1] ?? -1)).toBe(second);
  expect(pending.take(ids[1] ?? -1)).toBeUndefined();
  expect(pending.take(ids[0] ?? -1)).toBe(first);
  expect(pending.size).toBe(0);
});

test('an id is never given twice, not even after it was answered', () => {
  const pending = createPendingRequests();
  const ids = Array.from({ length: 100 }, () => {
    const id = pending.add(request('a'));
    pending.take(id);
    return id;
  });
  expect(new Set(ids).size).toBe(100);
});

test('an id that is not ours finds nothing, nor does ours as a string', () => {
  const pending = createPendingRequests();
  const id = pending.add(request('a'));
  expect(pending.take(99)).toBeUndefined();
  expect(pending.take(String(id))).toBeUndefined();
  expect(pending.size).toBe(1);
});

test('draining gives every request, oldest first, and leaves none', () => {
  const pending = createPendingRequests();
  const all = ['a', 'b', 'c'].map(request);
  for (const each of all) pending.add(each);
  expect(pending.drain()).toEqual(all);
  expect(pending.size).toBe(0);
  expect(pending.drain()).toEqual([]);
});

test('an error answer keeps its code, its text and the method that it answers', () => {
  const error = new RpcCallError('turn/start', { code: -32600, message: 'no such thread' });
  expect(error).toMatchObject({
    name: 'RpcCallError',
    code: -32600,
    method: 'turn/start',
    message: 'no such thread',
  });
});
