/** What the model server answers. A test picks a script with a marker in the user's text, `[[shell]]`, or queues replies. */

export type ModelUsage = {
  input: number;
  cached: number;
  written: number;
  output: number;
  reasoning: number;
};

export type Step =
  /** `pieces` are its deltas; without them each word is one. */
  | { do: 'message'; text: string; phase?: 'commentary' | 'final_answer'; pieces?: readonly string[] }
  | { do: 'reasoning'; summary: string }
  /** `arguments` that are a string are sent as they stand, so that a test can break them. */
  | { do: 'call'; name: string; arguments: Record<string, unknown> | string }
  | { do: 'shell'; command: string }
  /** An item as it stands, for what the others have no word for: a call of a freeform tool, or of one in a namespace. */
  | { do: 'item'; item: { type: string } & Record<string, unknown> }
  | { do: 'fail'; code: string; message: string }
  /** The response ends early, for a reason such as `max_output_tokens`. */
  | { do: 'incomplete'; reason: string }
  /** The stream stays open and silent until somebody ends it. */
  | { do: 'hang' }
  /** The socket is cut without a terminal event. */
  | { do: 'drop' };

/** One model call's answer. `deltaDelayMs` is the pause after each delta. */
export type Reply =
  | { status: number; code: string; message: string; headers?: Record<string, string> }
  | { steps: Step[]; usage?: ModelUsage; deltaDelayMs?: number };

/** The replies to one turn's model calls, in order: the next one is due when a tool's output has come back. */
export type Script = Reply[];

/** Cached, written and reasoning tokens differ from zero so that a test sees them dropped. */
export const DEFAULT_USAGE: ModelUsage = { input: 120, cached: 48, written: 20, output: 30, reasoning: 12 };

export const PLAIN_TEXT = 'Hello from the model server, one word at a time.';
export const REASONING_SUMMARY = '**Weighing it** The question asks for a sum.';
export const REASONED_TEXT = 'The sum is four.';
export const PREAMBLE_TEXT = 'Let me look at the folder first.';
export const SHELL_COMMAND = 'echo seen-by-the-shell';
export const FINAL_TEXT = 'The folder was read, and this is the final answer.';
export const TOOL_FINAL_TEXT = 'It is sunny in Paris.';
/** The value in `schema`, and in the calls of tools that clients force to get a value. */
export const WEATHER = { city: 'Paris', degrees: 21 } as const;
export const PARTIAL_TEXT = 'This answer begins and then';

/** The value as the arguments of a tool that a client library forces to get one, and an end for where it was not offered. */
const valueCall = (name: string): Script => [
  { steps: [{ do: 'call', name, arguments: WEATHER }] },
  { steps: [{ do: 'message', text: `No tool ${name} is offered.` }] },
];

export const SCRIPTS: Readonly<Record<string, Script>> = {
  plain: [{ steps: [{ do: 'message', text: PLAIN_TEXT }] }],
  slow: [{ steps: [{ do: 'message', text: PLAIN_TEXT }], deltaDelayMs: 150 }],
  reasoning: [
    {
      steps: [
        { do: 'reasoning', summary: REASONING_SUMMARY },
        { do: 'message', text: REASONED_TEXT },
      ],
    },
  ],
  shell: [
    {
      steps: [
        { do: 'message', text: PREAMBLE_TEXT, phase: 'commentary' },
        { do: 'shell', command: SHELL_COMMAND },
      ],
    },
    {
      steps: [{ do: 'message', text: FINAL_TEXT, phase: 'final_answer' }],
      usage: { input: 200, cached: 120, written: 10, output: 15, reasoning: 3 },
    },
  ],
  tool: [
    { steps: [{ do: 'call', name: 'get_weather', arguments: { city: 'Paris', unit: 'C' } }] },
    {
      steps: [{ do: 'message', text: TOOL_FINAL_TEXT }],
      usage: { input: 160, cached: 100, written: 5, output: 9, reasoning: 0 },
    },
  ],
  tools: [
    {
      steps: [
        { do: 'message', text: PREAMBLE_TEXT },
        { do: 'call', name: 'get_weather', arguments: { city: 'Paris' } },
        { do: 'call', name: 'get_time', arguments: { zone: 'CET' } },
        { do: 'call', name: 'get_weather', arguments: { city: 'Oslo' } },
      ],
      deltaDelayMs: 5,
    },
    { steps: [{ do: 'message', text: TOOL_FINAL_TEXT }] },
  ],
  /** A command first, then a call of a client's tool, in two responses. */
  'shell-tool': [
    { steps: [{ do: 'shell', command: SHELL_COMMAND }] },
    { steps: [{ do: 'call', name: 'get_weather', arguments: { city: 'Paris' } }] },
    { steps: [{ do: 'message', text: TOOL_FINAL_TEXT }] },
  ],
  schema: [{ steps: [{ do: 'message', text: JSON.stringify(WEATHER) }] }],
  'call-weather': valueCall('Weather'),
  'call-partial-weather': valueCall('PartialWeather'),
  'call-final-result': valueCall('final_result'),
  /** The same behind a preamble and a command, as models do that have tools. */
  'shell-schema': [
    {
      steps: [
        { do: 'message', text: PREAMBLE_TEXT, phase: 'commentary' },
        { do: 'shell', command: SHELL_COMMAND },
      ],
    },
    { steps: [{ do: 'message', text: '{"city":"Paris","degrees":21}', phase: 'final_answer' }] },
  ],
  /** A model that does not say what its messages are meant as. */
  'shell-schema-plain': [
    {
      steps: [
        { do: 'message', text: PREAMBLE_TEXT },
        { do: 'shell', command: SHELL_COMMAND },
      ],
    },
    { steps: [{ do: 'message', text: '{"city":"Paris","degrees":21}' }] },
  ],
  'http-error': [{ status: 500, code: 'server_error', message: 'the model server failed on request' }],
  'rate-limit': [
    {
      status: 429,
      code: 'rate_limit_exceeded',
      message: 'too many requests',
      headers: { 'retry-after': '1' },
    },
  ],
  failed: [
    {
      steps: [
        { do: 'message', text: PARTIAL_TEXT },
        { do: 'fail', code: 'server_error', message: 'failed mid-stream' },
      ],
    },
  ],
  drop: [{ steps: [{ do: 'message', text: PARTIAL_TEXT }, { do: 'drop' }] }],
  'slow-hang': [{ steps: [{ do: 'message', text: PLAIN_TEXT }, { do: 'hang' }], deltaDelayMs: 150 }],
  silent: [{ steps: [{ do: 'hang' }] }],
  hang: [{ steps: [{ do: 'message', text: PARTIAL_TEXT }, { do: 'hang' }] }],
};
