import { type Hop, withIds } from '../../../../src/backend/http-upstream/read-along/error-body.ts';
import { noPace } from '../../../support/pace.ts';

const IDS = { reqId: 'req_1', traceId: 'b'.repeat(32) };
const HOP: Hop = { service: 'gw', timestamp: 't', cause: 'c', cause_type: 'ct' };
const OURS = `"request_id":"req_1","trace_id":"${IDS.traceId}","service":"gw","timestamp":"t","cause":"c","cause_type":"ct"`;
const PUSHED = '{"request_id":"req_1","service":"gw","timestamp":"t","cause":"c","cause_type":"ct"}';

const spliced = async (body: string): Promise<string> =>
  Buffer.from(await withIds(Buffer.from(body), IDS, HOP, noPace)).toString();

test('an error object gets our members behind its own, which stay byte for byte', async () => {
  expect(await spliced('{ "error" : { "code":9007199254740993, "message":"\\u00e9" } , "x":1.0}\n')).toBe(
    `{ "error" : { "code":9007199254740993, "message":"\\u00e9",${OURS} } , "x":1.0}\n`,
  );
});

test('an empty error object gets them as well', async () => {
  expect(await spliced('{"error":{}}')).toBe(`{"error":{${OURS}}}`);
});

test('what stands there already stays', async () => {
  const body = JSON.parse(await spliced('{"error":{"request_id":"theirs","timestamp":7}}'));
  expect(body.error).toMatchObject({ request_id: 'theirs', timestamp: 7, service: 'gw', cause: 'c' });
});

test('behind another gateway we add ourselves to the list', async () => {
  expect(await spliced('{"error":{"service":"a","request_id":"r"}}')).toBe(
    `{"error":{"service":"a","request_id":"r","hops":[${PUSHED}]}}`,
  );
  expect(await spliced('{"error":{"service":"a","hops":[{"service":"b"}]}}')).toBe(
    `{"error":{"service":"a","hops":[{"service":"b"},${PUSHED}]}}`,
  );
});

test.each(['{"detail":"x"}', '{"error":"x"}', '{"error":null}', '{}'])(
  '%s gets the ids beside it',
  async (body) => {
    expect(JSON.parse(await spliced(body))).toEqual({
      ...JSON.parse(body),
      request_id: 'req_1',
      trace_id: IDS.traceId,
    });
  },
);

test.each(['', 'Bad Gateway', '[{"error":{}}]', '"x"', '{"error":', 'null', '<html>'])(
  '%j stays as it is',
  async (body) => {
    expect(await spliced(body)).toBe(body);
  },
);

test('a body that is too long to be an error stays as it is', async () => {
  const body = JSON.stringify({ error: { message: 'x'.repeat(1024 * 1024) } });
  expect(await spliced(body)).toBe(body);
});
