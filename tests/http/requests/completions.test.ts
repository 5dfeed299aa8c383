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

test.each([[['a', 'b']], [[1, 2]], [[[1], [2]]]])(
  '%j asks for several answers, or of a model that reads tokens, so it is refused by name',
  (prompt) => {
    expect(refusalOf(() => turnOf({ prompt }))).toMatchObject({
      code: 'unsupported_parameter',
      status: 400,
      param: 'prompt',
    });
  },
);

test.each([
  [5, 'invalid_type', 'prompt'],
  [{}, 'invalid_type', 'prompt'],
  [['a', 1], 'invalid_type', 'prompt[1]'],
  [[], 'invalid_value', 'prompt'],
  [undefined, 'missing_required_parameter', 'prompt'],
])('%j is no prompt', (prompt, code, param) => {
  expect(refusalOf(() => turnOf({ prompt }))).toMatchObject({ code, status: 400, param });
});

test('echo puts the prompt before the answer', () => {
  expect(turnOf({ echo: true }).answer).toMatchObject({ api: 'completions', echo: 'hi' });
  expect(turnOf({}).answer).toMatchObject({ echo: '' });
});
