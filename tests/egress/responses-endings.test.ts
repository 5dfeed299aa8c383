import { GatewayError } from '../../src/errors.ts';
import { aUsage, IDS, text } from '../support/fake-exchange.ts';
import { isTerminal, valueIn } from '../support/frames.ts';
import {
  lastResponse,
  reasoning,
  responsesEncoder,
  streamOf,
  weatherCall,
  wireOf,
} from '../support/responses.ts';

test.each([
  ['length', 'max_output_tokens'],
  ['content_filter', 'content_filter'],
] as const)(
  'an answer that ends by %s is incomplete, and so is the item that it ended within',
  (finishReason, reason) => {
    const last = wireOf(streamOf(responsesEncoder(), [text('a', 0), text('b', 1)], finishReason)).at(-1);
    const response = {
      status: 'incomplete',
      completed_at: null,
      incomplete_details: { reason },
      output: [{ status: 'completed' }, { status: 'incomplete' }],
    };
    expect(last).toMatchObject({ type: 'response.incomplete', response });
    const outputs = [
      { type: 'message', text: 'a' },
      { type: 'message', text: 'b' },
    ] as const;
    expect(responsesEncoder().whole(outputs, finishReason, aUsage)).toMatchObject(response);
  },
);

test('the last frame, and no other one, has the usage and is terminal', () => {
  const frames = streamOf(responsesEncoder(), [text('a')]);
  expect(frames.map(isTerminal)).toEqual(frames.map((_, index) => index === frames.length - 1));
  expect(wireOf(frames).at(-1)).toMatchObject({
    response: {
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
        output_tokens: 6,
        output_tokens_details: { reasoning_tokens: 2 },
        total_tokens: 16,
      },
    },
  });
  expect(wireOf(frames).filter((frame) => (frame['response'] as { usage?: unknown })?.usage)).toHaveLength(1);
});

test('usage that the provider did not give is null, not invented', () => {
  expect(wireOf(responsesEncoder().done('stop', null)).at(-1)).toMatchObject({ response: { usage: null } });
  expect(responsesEncoder().whole([], 'stop', null)).toMatchObject({ usage: null, output: [] });
});

test('a turn that fails within an answer ends with response.failed, which is not terminal', () => {
  const encoder = responsesEncoder();
  encoder.open();
  encoder.content(text('a'));
  const error = new GatewayError('backend_timeout', 'm');
  const [frame, ...more] = encoder.failed(error, IDS, null);
  expect(more).toEqual([]);
  expect(frame).toMatchObject({ event: 'response.failed', terminal: false });
  expect(wireOf(frame ? [frame] : [])).toMatchObject([
    {
      sequence_number: 5,
      response: {
        status: 'failed',
        error: {
          code: 'server_error',
          type: 'backend_timeout',
          message: 'm',
          request_id: 'req_1',
          trace_id: IDS.traceId,
        },
        output: [{ status: 'incomplete', content: [{ text: 'a' }] }],
      },
    },
  ]);
});

test.each([
  ['rate_limit_exceeded', 'rate_limit_exceeded'],
  ['context_length_exceeded', 'context_length_exceeded'],
  ['backend_exited', 'server_error'],
  ['internal_error', 'server_error'],
] as const)('the failure %s has the code %s, which the API knows', (code, wire) => {
  const frames = wireOf(responsesEncoder().failed(new GatewayError(code, 'm'), IDS, null));
  expect(frames).toMatchObject([{ response: { error: { code: wire, type: code } } }]);
});

test('a whole answer has the same items as the stream of it', () => {
  const events = [reasoning('r', 0), reasoning('s', 1), text('a'), weatherCall(), text('b', 1)];
  const streamed = lastResponse(streamOf(responsesEncoder(), events));
  const whole = responsesEncoder().whole(
    [
      { type: 'reasoning', text: 'r' },
      { type: 'reasoning', text: 's' },
      { type: 'message', text: 'a' },
      weatherCall(),
      { type: 'message', text: 'b' },
    ],
    'stop',
    aUsage,
  );
  expect(whole).toEqual(streamed);
});

test('the response repeats what it was asked, and says that it is not stored', () => {
  const echo = {
    instructions: 'Be kind.',
    metadata: { team: 'a' },
    tools: [{ type: 'function', name: 'f' }],
    toolChoice: 'none',
    format: { type: 'json_schema', name: 'n', schema: {} },
  } as const;
  const encoder = responsesEncoder({ effort: 'low', reasoningSummary: 'auto' }, echo);
  for (const response of [
    encoder.whole([], 'stop', null),
    ...wireOf(encoder.open()).map((frame) => frame['response']),
  ])
    expect(response).toMatchObject({
      instructions: 'Be kind.',
      metadata: { team: 'a' },
      tools: echo.tools,
      tool_choice: 'none',
      text: { format: echo.format },
      reasoning: { effort: 'low', summary: 'auto' },
      store: false,
      previous_response_id: null,
      temperature: null,
      top_p: null,
    });
});

test('deltas continue the text of their own item', () => {
  const frames = streamOf(responsesEncoder(), [
    reasoning('r', 0),
    reasoning('s', 1),
    text('my key'),
    text('b', 1),
  ]);
  expect(frames.flatMap((frame) => (frame.type === 'delta' ? frame.of : []))).toEqual([
    'rs_abc_0 0',
    'rs_abc_0 1',
    'msg_abc_1',
    'msg_abc_2',
  ]);
  const frame = frames.find((each) => each.type === 'delta' && each.delta === 'my key');
  expect(frame && valueIn(frame)).toMatchObject({ type: 'response.output_text.delta', delta: 'my key' });
});
