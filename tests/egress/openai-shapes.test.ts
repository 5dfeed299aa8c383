import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Output } from '../../src/egress/answer.ts';
import { createEncoders } from '../../src/egress/create-encoder.ts';
import { modelList, modelObject } from '../../src/egress/models.ts';
import { ERRORS, type ErrorCode, errorBody, GatewayError } from '../../src/errors.ts';
import type { AnswerShape } from '../../src/gateway/turn.ts';
import { aTurn, aUsage, IDS, text } from '../support/fake-exchange.ts';
import { valueIn } from '../support/frames.ts';
import { SHAPES_FILE } from '../support/openai-shapes.ts';
import { reasoning, responsesEncoder, streamOf, weatherCall } from '../support/responses.ts';

type Json = Readonly<Record<string, unknown>>;

const shapes = JSON.parse(readFileSync(SHAPES_FILE, 'utf8')) as {
  readonly $defs: Readonly<Record<string, Json>>;
};
const ajv = new Ajv2020({ strict: false }).addSchema(shapes, 'openai');

/** Each event of a stream has a shape of its own, told by its type. */
const EVENT_SHAPES = new Map(
  Object.entries(shapes.$defs).flatMap(([name, { properties }]) => {
    const types = (properties as Record<string, Json> | undefined)?.['type']?.['enum'];
    return Array.isArray(types) && String(types[0]).startsWith('response.')
      ? [[types[0] as unknown, name] as const]
      : [];
  }),
);

/** The API itself sends a null `usage` while a response is made, which its description does not have. */
const withoutNullUsage = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, inner) => (key === 'usage' && inner === null ? undefined : inner));

/** What of these values is not as OpenAI's own description of its API says, each thing once. */
const misfits = (name: string, values: readonly unknown[]): string[] => {
  const found = values.map(withoutNullUsage).flatMap((value) => {
    const { type } = value as Json;
    const shape = name === 'ResponseStreamEvent' ? EVENT_SHAPES.get(type) : name;
    const validate = shape && ajv.getSchema(`openai#/$defs/${shape}`);
    if (!validate) return [`no ${name} ${String(type)}`];
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${shape}${instancePath} ${message}`);
  });
  return [...new Set(found)];
};

const EVENTS = [
  reasoning('r', 0),
  reasoning('s', 1),
  text('a'),
  weatherCall(),
  text('b', 1),
  { ...text('c', 2), phase: 'final_answer' } as const,
];
const OUTPUTS: Output[] = [
  { type: 'reasoning', text: 'r' },
  { type: 'message', text: 'a' },
  weatherCall(),
  { type: 'message', text: 'b', phase: 'final_answer' },
];
const CALL_ALONE: Output[] = [weatherCall()];
const REASONS = ['stop', 'tool_calls', 'length', 'content_filter'] as const;
const ENDINGS = ['stop', 'length', 'content_filter'] as const;

const tool = { type: 'function', name: 'f', description: null, parameters: null, strict: null };
const allowed = { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] };
const schema = { type: 'json_schema', name: 'n', schema: { type: 'object' } };
const responses = () => [
  responsesEncoder(),
  responsesEncoder({ effort: 'low', reasoningSummary: 'auto' }, { tools: [tool], instructions: 'i' }),
  responsesEncoder({}, { toolChoice: allowed, tools: [tool], format: schema, metadata: { a: 'b' } }),
];

const encoderOf = (answer: AnswerShape) =>
  createEncoders({ newId: () => 'abc', nowSeconds: () => 1_795_000_000 })(aTurn({ answer }));
const chat = { api: 'chat', includeUsage: true } as const;
const completion = { api: 'completions', includeUsage: true, echo: 'p' } as const;
const dataOf = (frames: ReturnType<typeof streamOf>): unknown[] =>
  frames.map(valueIn).filter((value) => value !== '[DONE]');
const chunksOf = (answer: AnswerShape, reasons: readonly (typeof REASONS)[number][]): unknown[] =>
  reasons.flatMap((reason) => dataOf(streamOf(encoderOf(answer), EVENTS, reason)));

const failing = (code: ErrorCode): unknown[] => {
  const encoder = responsesEncoder();
  encoder.content(text('a'));
  return dataOf(encoder.failed(new GatewayError(code, 'm'), IDS, null));
};
const errors = Object.keys(ERRORS) as ErrorCode[];

const SENT: [what: string, name: string, values: unknown[]][] = [
  [
    'every event of a streamed response',
    'ResponseStreamEvent',
    REASONS.flatMap((reason) => responses().flatMap((encoder) => dataOf(streamOf(encoder, EVENTS, reason)))),
  ],
  ['the event of a response that failed', 'ResponseStreamEvent', failing('backend_error')],
  [
    'a whole response',
    'Response',
    REASONS.flatMap((reason) =>
      responses().flatMap((encoder) => [
        encoder.whole(OUTPUTS, reason, aUsage),
        encoder.whole(CALL_ALONE, reason, aUsage),
      ]),
    ),
  ],
  ['every chunk of a chat', 'CreateChatCompletionStreamResponse', chunksOf(chat, REASONS)],
  [
    'a whole chat',
    'CreateChatCompletionResponse',
    REASONS.flatMap((reason) =>
      [OUTPUTS, CALL_ALONE, []].map((outputs) => encoderOf(chat).whole(outputs, reason, aUsage)),
    ),
  ],
  [
    'every whole completion',
    'CreateCompletionResponse',
    ENDINGS.map((reason) => encoderOf(completion).whole(OUTPUTS, reason, aUsage)),
  ],
  ['a model', 'Model', [modelObject({ id: 'm' }, 1_795_000_000)]],
  ['the list of models', 'ListModelsResponse', [modelList([{ id: 'm' }], 1_795_000_000)]],
  ['every error', 'ErrorResponse', errors.map((code) => errorBody(new GatewayError(code, 'm'), IDS))],
];

test.each(SENT)('%s is as the description of the API has it', (_what, name, values) => {
  expect(values.length).toBeGreaterThan(0);
  expect(misfits(name, values)).toEqual([]);
});

test('a call that is complete is told with the name of its function', () => {
  const events = dataOf(streamOf(responsesEncoder(), [weatherCall()])) as { type: string }[];
  expect(events.find(({ type }) => type === 'response.function_call_arguments.done')).toMatchObject({
    name: 'weather',
    arguments: weatherCall().arguments,
  });
});

test.each([
  [
    'ResponseStreamEvent',
    {
      type: 'response.function_call_arguments.done',
      item_id: 'i',
      output_index: 0,
      arguments: '',
      sequence_number: 1,
    },
  ],
  [
    'CreateChatCompletionResponse',
    { id: 'i', choices: [], created: 'now', model: 'm', object: 'chat.completion' },
  ],
  ['ErrorResponse', { error: { message: 'm' } }],
])('a %s that is not would be found', (name, value) => {
  expect(misfits(name, [value])).not.toEqual([]);
});
