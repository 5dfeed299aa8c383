import { APP_SERVER_SUPPORT } from '../../../src/backend/app-server/support.ts';
import type { SupportTable } from '../../../src/gateway/turn-support.ts';
import { chatCallOf, completionsCallOf, responsesCallOf } from '../../support/calls.ts';

/** A body with the parameter, and what the turn has of it; a turn without it has something else. */
type Effect = readonly [body: Record<string, unknown>, turn: Record<string, unknown>];
type Effects = Readonly<Record<string, Effect>>;

const schema = { type: 'object', properties: { a: { type: 'string' } } };
const parameters = { type: 'object' };
const tool = [{ name: 'weather', description: 'd', parameters }];
const includeUsage: Effect = [
  { stream: true, stream_options: { include_usage: true } },
  { answer: { includeUsage: true } },
];
const stream: Effect = [{ stream: true }, { stream: true }];
const stop: Effect = [{ stop: 'END' }, { stop: ['END'] }];
const model: Effect = [{ model: 'another' }, { model: 'another' }];
const said: Record<string, unknown> = { input: [{ type: 'text', text: 'well?' }] };

const chatTools = [{ type: 'function', function: { name: 'weather', description: 'd', parameters } }];
const CHAT: Effects = {
  model,
  messages: [{ messages: [{ role: 'user', content: 'well?' }] }, said],
  stream,
  stream_options: includeUsage,
  tools: [{ tools: chatTools }, { tools: tool }],
  tool_choice: [{ tools: chatTools, tool_choice: 'none' }, { tools: [] }],
  response_format: [
    { response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } },
    { outputSchema: schema },
  ],
  reasoning_effort: [{ reasoning_effort: 'low' }, { effort: 'low' }],
  stop,
};

const COMPLETIONS: Effects = {
  model,
  prompt: [{ prompt: 'well?' }, said],
  stream,
  stream_options: includeUsage,
  stop,
  echo: [{ echo: true }, { answer: { echo: 'hi' } }],
};

const responseTools = [{ type: 'function', name: 'weather', description: 'd', parameters }];
const RESPONSES: Effects = {
  model,
  input: [{ input: 'well?' }, said],
  instructions: [{ instructions: 'Be kind.' }, { instructions: 'Be kind.' }],
  stream,
  tools: [{ tools: responseTools }, { tools: tool }],
  tool_choice: [
    { tools: responseTools, tool_choice: 'none' },
    { tools: [], answer: { echo: { toolChoice: 'none' } } },
  ],
  text: [{ text: { format: { type: 'json_schema', name: 'n', schema } } }, { outputSchema: schema }],
  reasoning: [
    { reasoning: { effort: 'low', summary: 'detailed' } },
    { effort: 'low', reasoningSummary: 'detailed' },
  ],
};

const { chat, completions, responses } = APP_SERVER_SUPPORT.parameters;

const APIS: { api: string; table: SupportTable; callOf: typeof chatCallOf; effects: Effects }[] = [
  { api: 'chat', table: chat, callOf: chatCallOf, effects: CHAT },
  { api: 'completions', table: completions, callOf: completionsCallOf, effects: COMPLETIONS },
  { api: 'responses', table: responses, callOf: responsesCallOf, effects: RESPONSES },
];

describe.each(APIS)('what the $api API honours', ({ table, callOf, effects }) => {
  it('has an effect below, each of it', () => {
    const honoured = Object.keys(table).filter((name) => table[name]?.support === 'honoured');
    expect(Object.keys(effects).sort()).toEqual(honoured.sort());
  });

  it.each(Object.entries(effects))('%s changes the turn', (param, [body, turn]) => {
    const { [param]: _, ...without } = body;
    expect(callOf(body, true)).toMatchObject({ turn, ignored: [] });
    expect(callOf(without, true).turn).not.toMatchObject(turn);
  });
});
