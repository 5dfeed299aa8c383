import type { Output } from '../../src/egress/answer.ts';
import { createEncoders } from '../../src/egress/create-encoder.ts';
import type { Encoder } from '../../src/egress/encoder.ts';
import { GatewayError } from '../../src/errors.ts';
import type { AnswerShape, FinishReason } from '../../src/gateway/turn.ts';
import { ANSWERS } from '../../src/http/openapi/answers.ts';
import { aTurn, aUsage, IDS, text } from '../support/fake-exchange.ts';
import { isTerminal, valueIn } from '../support/frames.ts';
import { reasoning, responsesEncoder, streamOf, weatherCall, wireOf } from '../support/responses.ts';
import { misfits, type TypedValue } from '../support/sdk-types.ts';

/** Every kind of content, so that every frame that an encoder has is seen. */
const EVENTS = [
  reasoning('r', 0),
  reasoning('s', 1),
  text('a'),
  weatherCall(),
  weatherCall('call_2'),
  text('b', 1),
  { ...text('c', 2), phase: 'final_answer' } as const,
];
const OUTPUTS: Output[] = [
  { type: 'reasoning', text: 'r' },
  { type: 'message', text: 'a' },
  weatherCall(),
  { type: 'message', text: 'b', phase: 'final_answer' },
];
const REASONS = ['stop', 'tool_calls', 'length', 'content_filter'] as const;

type Fields = Record<string, unknown>;

const without = (value: unknown, ...keys: string[]): Fields =>
  Object.fromEntries(Object.entries(value as Fields).filter(([key]) => !keys.includes(key)));

/**
 * A response as the package's type describes it. Where the type and the API differ, the API is followed: it sends `store`, and a null
 * `usage`; `output_text` is put there by the package itself. `request_id` and `trace_id` are ours.
 */
const asTyped = (response: unknown): Fields => {
  const { usage, error } = response as Fields;
  return {
    ...without(response, 'store', 'usage'),
    output_text: '',
    error: error && without(error, 'request_id', 'trace_id'),
    ...(usage !== null && { usage }),
  };
};

/** The API names the function in this event as well; the package's type lacks that. */
const NAMES_FUNCTION = 'response.function_call_arguments.done';

const eventAsTyped = (frame: Fields): Fields => {
  if ('response' in frame) return { ...frame, response: asTyped(frame['response']) };
  return frame['type'] === NAMES_FUNCTION ? without(frame, 'name') : frame;
};

const responsesEvent = (frame: Fields): TypedValue => ({
  type: `Event<'${frame['type']}'>`,
  value: eventAsTyped(frame),
});

const tool = { type: 'function', name: 'f', description: null, parameters: null, strict: null };
const responses = () => responsesEncoder({ effort: 'low', reasoningSummary: 'auto' }, { tools: [tool] });

const failing = (): Encoder => {
  const encoder = responses();
  encoder.content(text('a'));
  return encoder;
};

const encoderOf = (answer: AnswerShape) =>
  createEncoders({ newId: () => 'abc', nowSeconds: () => 1_795_000_000 })(aTurn({ answer }));
const chunksOf = (answer: AnswerShape, reasons: readonly FinishReason[] = REASONS): unknown[] =>
  reasons
    .flatMap((reason) => streamOf(encoderOf(answer), EVENTS, reason))
    .filter((frame) => !isTerminal(frame))
    .map(valueIn);

const completions = { api: 'completions', includeUsage: false, echo: 'p' } as const;
const endings = REASONS.filter((reason) => reason !== 'tool_calls');
const typed = (type: string, values: unknown[]): TypedValue[] => values.map((value) => ({ type, value }));

const streamed = REASONS.flatMap((reason) => wireOf(streamOf(responses(), EVENTS, reason)));
const failed = wireOf(failing().failed(new GatewayError('backend_error', 'm'), IDS, null));
const [delta] = wireOf(responses().content(text('a'))).slice(-1);
const DELTA = "Event<'response.output_text.delta'>";

const CASES: Record<string, TypedValue[]> = {
  'every event of a streamed response': [...streamed, ...failed].map(responsesEvent),
  'a whole response': typed(
    'Response',
    REASONS.map((reason) => asTyped(responses().whole(OUTPUTS, reason, aUsage))),
  ),
  'every chunk of a chat': typed(
    'ChatCompletionChunk',
    [true, false].flatMap((includeUsage) => chunksOf({ api: 'chat', includeUsage })),
  ),
  'a whole chat': typed(
    'ChatCompletion',
    REASONS.map((reason) => encoderOf({ api: 'chat', includeUsage: false }).whole(OUTPUTS, reason, aUsage)),
  ),
  'every chunk of a completion': typed(
    'CompletionChunk',
    [true, false].flatMap((includeUsage) => chunksOf({ ...completions, includeUsage }, endings)),
  ),
  'a whole completion': typed(
    'Completion',
    endings.map((reason) => encoderOf(completions).whole(OUTPUTS, reason, aUsage)),
  ),
  'a field that is undeclared': typed(DELTA, [{ ...delta, more: 1 }]),
  'a field of another type': typed(DELTA, [{ ...delta, delta: 1 }]),
  'a field that is missing': typed(DELTA, [without(delta, 'item_id')]),
};

let found: ReadonlyMap<TypedValue, string[]>;

beforeAll(async () => {
  found = await misfits(Object.values(CASES).flat());
});

const complaintsAbout = (name: string): string[] =>
  (CASES[name] ?? []).flatMap((value) => found.get(value) ?? []);

test.each([
  'every event of a streamed response',
  'a whole response',
  'every chunk of a chat',
  'a whole chat',
  'every chunk of a completion',
  'a whole completion',
])('%s is what the openai package declares, field by field', (name) => {
  expect(CASES[name]?.length).toBeGreaterThan(2);
  expect(complaintsAbout(name)).toEqual([]);
});

test('the API’s own description says the same of a response and its events', () => {
  const { Response, ResponseStreamEvent } = ANSWERS;
  for (const event of [...streamed, ...failed]) expect(ResponseStreamEvent.parse(event)).toEqual(event);
  for (const reason of REASONS) {
    const whole = responses().whole(OUTPUTS, reason, aUsage);
    expect(Response.strict().parse(whole)).toEqual(whole);
  }
});

test('the events of a streamed response are all that the gateway has', () => {
  expect([...new Set([...streamed, ...failed].map(({ type }) => type))]).toHaveLength(17);
});

test.each([
  ['a field that is undeclared', '"more"'],
  ['a field of another type', "'number' is not assignable"],
  ['a field that is missing', "'item_id' is missing"],
])('%s would be found', (name, complaint) => {
  expect(complaintsAbout(name)).toEqual([expect.stringContaining(complaint)]);
});
