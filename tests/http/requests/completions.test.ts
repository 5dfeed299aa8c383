import { completionsCallOf } from '../../support/calls.ts';
import { refusalOf } from '../../support/thrown.ts';

const turnOf = (body: Record<string, unknown>) => completionsCallOf(body).turn;

test('the prompt is the one message of the user', () => {
  expect(turnOf({ prompt: 'Say hi' })).toMatchObject({
    instructions: null,
    history: [],
    input: [{ type: 'text', text: 'Say hi' }],
    tools: [],
  });
  expect(turnOf({ prompt: ['Say hi'] }).input).toEqual([{ type: 'text', text: 'Say hi' }]);
});

test.each([[['a', 'b']], [[1, 2]], [[[1]]], [5], [{}], [undefined]])(
  '%j is no prompt of one answer',
  (prompt) => {
    expect(refusalOf(() => turnOf({ prompt }))).toMatchObject({
      status: 400,
      param: expect.stringMatching(/^prompt/),
    });
  },
);

test('echo puts the prompt before the answer', () => {
  expect(turnOf({ echo: true }).answer).toMatchObject({ api: 'completions', echo: 'hi' });
  expect(turnOf({}).answer).toMatchObject({ echo: '' });
});
