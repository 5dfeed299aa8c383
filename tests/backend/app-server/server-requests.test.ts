import { answerServerRequest } from '../../../src/backend/app-server/server-requests.ts';

const asked = (isClients: boolean) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { ask: () => isClients, turn: { turnCompleted: promise }, complete: resolve };
};
const call = { method: 'item/tool/call', params: { tool: 'get_weather' } };

test('a call of a client’s tool is answered when its turn is over, and not before', async () => {
  const turn = asked(true);
  const answer = answerServerRequest(call, turn);
  let answered = false;
  void Promise.resolve(answer).then(() => {
    answered = true;
  });
  await new Promise(setImmediate);
  expect(answered).toBe(false);
  turn.complete();
  expect(await answer).toMatchObject({ result: { success: false, contentItems: [{ type: 'inputText' }] } });
});

test.each([
  ['of a turn without such a tool', asked(false)],
  ['of no turn that is known', undefined],
])('a call %s is refused at once', (_, turn) => {
  expect(answerServerRequest(call, turn)).toMatchObject({
    result: { success: false, contentItems: [{ text: 'This gateway has no such tool.' }] },
  });
});

test.each([
  ['item/commandExecution/requestApproval', { decision: 'decline' }],
  ['item/fileChange/requestApproval', { decision: 'decline' }],
  ['execCommandApproval', { decision: 'denied' }],
])('%s is declined, also in a turn that has tools', (method, result) => {
  expect(answerServerRequest({ method }, asked(true))).toEqual({ result });
});

test.each(['item/of/tomorrow', 'constructor'])('%s is refused by the protocol’s own code', (method) => {
  expect(answerServerRequest({ method })).toMatchObject({ error: { code: -32601 } });
});
