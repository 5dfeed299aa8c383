import { chatCallOf } from '../../support/calls.ts';
import { refusalOf } from '../../support/thrown.ts';

const weather = { type: 'function', function: { name: 'weather' } };
const customCall = { id: 'a', type: 'custom', custom: { name: 'x', input: 'y' } };

test('a tool that only its provider could run is refused by its place: the model would be without it', () => {
  const refused = refusalOf(() => chatCallOf({ tools: [weather, { type: 'web_search' }] }));
  expect(refused).toMatchObject({ code: 'unsupported_parameter', status: 400, param: 'tools[1]' });
  expect(refused.message).toContain('web_search');
});

test('a custom tool becomes a function of one text, and the model is told of its grammar', () => {
  const grammar = { syntax: 'lark', definition: 'start: "x"' };
  const tools = [
    { type: 'custom', custom: { name: 'free' } },
    {
      type: 'custom',
      custom: { name: 'bound', description: 'Tells it.', format: { type: 'grammar', grammar } },
    },
  ];
  const { turn, ignored } = chatCallOf({ tools }, true);
  expect(ignored).toEqual([]);
  const parameters = {
    type: 'object',
    properties: { input: { type: 'string' } },
    required: ['input'],
    additionalProperties: false,
  };
  const form = { type: 'custom' };
  expect(turn.tools).toEqual([
    { name: 'free', description: 'The input is free text.', parameters, form },
    {
      name: 'bound',
      description: 'Tells it.\n\nThe input is free text, by this grammar (lark):\nstart: "x"',
      parameters,
      form,
    },
  ]);
});

test('a call of a custom tool is the call of its function', () => {
  const messages = [
    { role: 'assistant', tool_calls: [customCall] },
    { role: 'tool', tool_call_id: customCall.id, content: 'done' },
  ];
  expect(chatCallOf({ messages }).turn.history[0]).toMatchObject({
    type: 'tool_call',
    name: customCall.custom.name,
    arguments: JSON.stringify({ input: customCall.custom.input }),
  });
});
