import type { TurnRouter } from '../../../../src/backend/app-server/turn/turn-router.ts';
import { createOverlongNote } from '../../../../src/backend/app-server/worker/overlong.ts';
import type { GatewayError } from '../../../../src/errors.ts';

const tell = (start: string) => {
  const noted: unknown[] = [];
  const asked: unknown[] = [];
  const failed: string[] = [];
  const turns = {
    find(params: unknown) {
      asked.push(params);
      return { fail: ({ code }: GatewayError) => void failed.push(code) };
    },
  } as unknown as TurnRouter;
  createOverlongNote({ note: (payload) => void noted.push(payload), flush: () => undefined }, turns)(
    99,
    start,
  );
  return { noted: noted.length, asked, failed };
};

test('the turn whose answer lacks an overlong line fails', () => {
  expect(tell('{"method":"item/agentMessage/delta","params":{"threadId":"th_1","delta":"')).toEqual({
    noted: 1,
    asked: [{ threadId: 'th_1' }],
    failed: ['answer_too_large'],
  });
});

test.each([
  ['one that names no thread', '{"method":"item/x","params":{"delta":"', 0],
  ['one whose id no JSON can hold', '{"method":"item/x","params":{"threadId":"\t"', 1],
])('%s is noted, whatever it is', (_, start, asked) => {
  expect(tell(start)).toMatchObject({ noted: 1, asked: { length: asked } });
});
