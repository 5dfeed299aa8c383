import { chatCallOf, responsesCallOf } from '../../support/calls.ts';
import { refusalOf } from '../../support/thrown.ts';

const NOTHING = { mustCall: false, oneCall: false, isJson: false };
const inChat = ['weather', 'now'].map((name) => ({ type: 'function', function: { name } }));
const inResponses = ['weather', 'now'].map((name) => ({ type: 'function', name }));

const APIS = [
  {
    callOf: chatCallOf,
    tools: inChat,
    one: inChat[1],
    some: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [inChat[1]] } },
    json: { response_format: { type: 'json_object' } },
    format: 'response_format',
  },
  {
    callOf: responsesCallOf,
    tools: inResponses,
    one: inResponses[1],
    some: { type: 'allowed_tools', mode: 'required', tools: [inResponses[1]] },
    json: { text: { format: { type: 'json_object' } } },
    format: 'text.format',
  },
];

describe.each(APIS)(
  'what the gateway emulates, with $format',
  ({ callOf, tools, one, some, json, format }) => {
    const CASES = [
      ['any tool', { tools, tool_choice: 'required' }, ['weather', 'now'], { mustCall: true }, 'tool_choice'],
      [
        'one tool, which is offered alone',
        { tools, tool_choice: one },
        ['now'],
        { mustCall: true },
        'tool_choice',
      ],
      ['one of some tools', { tools, tool_choice: some }, ['now'], { mustCall: true }, 'tool_choice'],
      [
        'one tool at a time',
        { tools, parallel_tool_calls: false },
        ['weather', 'now'],
        { oneCall: true },
        'parallel_tool_calls',
      ],
      ['JSON', json, [], { isJson: true }, format],
    ] as const;

    it.each(CASES)('is %s, named, and refused where hints are strict', (_, body, names, expected, param) => {
      const { turn, ignored, emulated } = callOf(body);
      expect(turn.tools.map(({ name }) => name)).toEqual(names);
      expect(turn.expected).toEqual({ ...NOTHING, ...expected });
      expect([ignored, emulated]).toEqual([[], [param]]);
      expect(refusalOf(() => callOf(body, true))).toMatchObject({ code: 'unsupported_parameter', param });
    });

    it.each([
      [{ tools, parallel_tool_calls: true }],
      [{ tools, tool_choice: 'auto' }],
      [{ tools, tool_choice: 'none', parallel_tool_calls: false }],
      [{ parallel_tool_calls: false }],
    ])('is nothing for %j', (body) => {
      expect(callOf(body)).toMatchObject({ emulated: [], ignored: [], turn: { expected: null } });
    });

    it('may be several things at once', () => {
      const { turn, emulated } = callOf({
        tools,
        tool_choice: 'required',
        parallel_tool_calls: false,
        ...json,
      });
      expect(turn.expected).toEqual({ mustCall: true, oneCall: true, isJson: true });
      expect(emulated).toEqual(['tool_choice', 'parallel_tool_calls', format]);
    });
  },
);

test('a response repeats what was asked for', () => {
  const body = { tools: inResponses, tool_choice: inResponses[1], parallel_tool_calls: false };
  expect(responsesCallOf(body).turn.answer).toMatchObject({
    echo: { toolChoice: inResponses[1], parallelToolCalls: false },
  });
  expect(responsesCallOf({ tools: inResponses, tool_choice: 'required' }).turn.answer).toMatchObject({
    echo: { toolChoice: 'required', parallelToolCalls: true },
  });
});
