import { GatewayError } from '../../../src/errors.ts';
import { captureSubject } from '../../../src/telemetry/capture.ts';
import { createOtlpSanitizer } from '../../../src/telemetry/mirror/otlp-sanitize.ts';
import { policyOf } from '../../support/sanitizer.ts';

/** A word that stands for content. */
const MARK = 'kaleidoscope';
const full = policyOf('full');
const bare = [policyOf('metadata'), policyOf('off')];
const DESCRIBED = /^\[\d+ bytes, sha256 [0-9a-f]{16}\]$/;

/** What the line of such an event shows. */
const shownOf = (...subject: Parameters<typeof captureSubject>): unknown =>
  JSON.parse(captureSubject(...subject)?.json ?? 'null');

const texts = (...values: unknown[]): string => JSON.stringify(values);

test('words are shown where everything is captured, and are told by size and hash elsewhere', () => {
  expect(full.words(`a ${MARK}`)).toBe(`a ${MARK}`);
  for (const policy of bare) {
    expect(policy.words(`a ${MARK}`)).toMatch(DESCRIBED);
    expect(policy.words(`a ${MARK}`)).toBe(policy.words(`a ${MARK}`));
    expect(policy.words(`b ${MARK}`)).not.toBe(policy.words(`a ${MARK}`));
    expect(policy.words(policy.words(MARK))).toBe(policy.words(MARK));
  }
});

test.each([
  ['throughline.unknown_fields', [MARK]],
  ['throughline.error.param', `tools[0].${MARK}`],
  ['throughline.req_id.rejected', MARK],
  ['throughline.traceparent', MARK],
  ['gen_ai.tool.name', MARK],
  ['gen_ai.tool.call.id', `call_${MARK}`],
  ['jsonrpc.request.id', MARK],
  ['url.path', `/v1/models/${MARK}`],
  ['url.query', `q=${MARK}`],
  ['exception.message', `it said ${MARK}`],
  ['exception.stacktrace', `Error: ${MARK}\n    at a (file:///a.ts:1:2)`],
  ['http.request.method_original', MARK],
  ['tool_name', MARK],
  ['prompt', `say ${MARK}`],
  ['error.type', `say ${MARK}`],
  ['throughline.upstream.error.message', `it said ${MARK}`],
  ['throughline.upstream.error.cause', `it said ${MARK}`],
  ['throughline.upstream.error.code', `it said ${MARK}`],
  ['gen_ai.request.stop_sequences', [MARK]],
  ['any.attribute.that.comes', MARK],
])('no text of a client leaves as %s', (key, value) => {
  expect(full.attributes({ [key]: value })).toEqual({ [key]: value });
  for (const policy of bare) expect(texts(policy.attributes({ [key]: value }))).not.toContain(MARK);
});

test('what is known of a request without its content stays', () => {
  const attributes = {
    req_id: 'req_0123456789ab',
    'http.route': '/v1/chat/completions',
    'url.path': '/v1/chat/completions',
    'user_agent.original': 'OpenAI/JS 7.57.0',
    'error.type': 'backend_error',
    'throughline.error.param': 'messages[0].content',
    'throughline.ignored_parameters': ['temperature', 'max_tokens'],
    'throughline.emulated_parameters': ['tool_choice'],
    'throughline.unknown_fields.count': 3,
    'gen_ai.request.model': 'throughline-echo',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.response.id': 'chatcmpl-1',
    'openai.api.type': 'chat_completions',
    'throughline.upstream.error.code': 'rate_limit_exceeded',
    'throughline.upstream.error.type': 'tokens',
    'throughline.upstream.error.request_id': 'req_0123456789ab',
    'throughline.upstream.error.service': 'throughline',
    'throughline.upstream.error.cause_type': 'queue_full',
    'gen_ai.tool.name': 'shell',
    'jsonrpc.request.id': '17',
    'throughline.trace.forced': true,
  };
  for (const policy of bare) expect(policy.attributes(attributes)).toBe(attributes);
});

test.each([
  ['execute_tool shell', { 'gen_ai.tool.name': 'shell' }, 'execute_tool shell'],
  [`execute_tool ${MARK}`, { 'gen_ai.tool.name': '[12 bytes]' }, 'execute_tool'],
  ['chat echo', { 'gen_ai.request.model': 'echo' }, 'chat echo'],
  ['POST /v1/responses', { 'http.route': '/v1/responses' }, 'POST /v1/responses'],
  [`GET /${MARK}`, {}, 'GET'],
  ['thread/start', { 'rpc.method': 'thread/start' }, 'thread/start'],
  ['http_ingress', {}, 'http_ingress'],
  [MARK, { 'code.module.name': 'codex_core::tools', 'code.line.number': 88 }, 'codex_core::tools:88'],
  [MARK, {}, expect.stringMatching(DESCRIBED)],
])('a span that is called "%s" has a name that holds no content', (name, attributes, shown) => {
  expect(full.spanName(name, attributes)).toBe(name);
  for (const policy of bare) expect(policy.spanName(name, attributes)).toEqual(shown);
});

test('an error is told by its code, its size and where it was thrown', () => {
  const error = Object.assign(new TypeError(`no ${MARK}\n    at ${MARK} (file:///${MARK}.ts:1:1)`), {
    code: 'ERR_X',
  });
  expect(full.thrown(error)).toBe(error.stack);
  for (const policy of bare) {
    const told = policy.thrown(error) as { at: string[] };
    expect(texts(told)).not.toContain(MARK);
    expect(told).toMatchObject({
      name: 'TypeError',
      code: 'ERR_X',
      message: expect.stringMatching(DESCRIBED),
    });
    expect(told.at[0]).toMatch(/policy\.test\.ts:\d+:\d+/);
    expect(
      texts(policy.thrown(`only ${MARK}`), policy.thrown(new GatewayError('backend_error', MARK))),
    ).not.toContain(MARK);
  }
});

test('what an error is called, and a code that is a sentence, do not bring its words along', () => {
  const error = Object.assign(new Error('x'), { name: `It is ${MARK}`, code: `about ${MARK}` });
  for (const policy of bare) expect(texts(policy.thrown(error))).not.toContain(MARK);
});

const pair = (key: string, value: object) => ({ key, value });

/** A span of another process with content wherever text can be. */
const foreign = () => ({
  span: {
    traceId: '0'.repeat(32),
    spanId: '0'.repeat(16),
    name: MARK,
    kind: 1,
    startTimeUnixNano: '1',
    endTimeUnixNano: '2',
    attributes: [
      pair('prompt', { stringValue: `say ${MARK}` }),
      pair('tool_name', { stringValue: MARK }),
      pair(`key of ${MARK}`, { intValue: 1 }),
      pair('list', { arrayValue: { values: [{ stringValue: MARK }, { intValue: 7 }] } }),
      pair('map', { kvlistValue: { values: [pair('inner', { stringValue: MARK })] } }),
      pair('model', { stringValue: 'gpt-x' }),
    ],
    events: [
      {
        timeUnixNano: '1',
        name: `it said ${MARK}`,
        attributes: [pair('message', { stringValue: MARK })],
      },
    ],
    links: [{ traceId: '', spanId: '', attributes: [pair('why', { stringValue: MARK })] }],
    status: { code: 2, message: `Invalid prompt: ${MARK}` },
  },
  resource: { attributes: [] },
  scope: { name: 'x' },
});

test('a span of another process brings no content along, and its numbers', () => {
  expect(createOtlpSanitizer(full)(foreign()).span).toEqual(foreign().span);
  for (const policy of bare) {
    const { span } = createOtlpSanitizer(policy)(foreign());
    expect(texts(span)).not.toContain(MARK);
    expect(texts(span)).toContain('{"intValue":7}');
    expect(texts(span)).toContain('"gpt-x"');
    expect(span.status?.code).toBe(2);
  }
});

test('a request is described by its route and the headers of its library', () => {
  const about = {
    method: 'GET',
    path: `/v1/models/${MARK}`,
    headers: {
      'user-agent': 'OpenAI/JS',
      origin: `https://${MARK}.example`,
      'x-stainless-lang': 'js',
      [`x-${MARK}`]: '1',
      'content-type': `text/${MARK}`,
    },
  };
  const payload = shownOf(policyOf('metadata'), 'client_request', { about }, '/v1/models/{id}');
  expect(texts(payload)).not.toContain(MARK);
  expect(payload).toMatchObject({
    method: 'GET',
    headers: {
      'user-agent': 'OpenAI/JS',
      origin: expect.stringMatching(DESCRIBED),
      'x-stainless-lang': 'js',
      other_headers: 1,
    },
  });
  expect(shownOf(policyOf('full'), 'client_request', { about }, null)).toEqual(about);
  expect(captureSubject(policyOf('off'), 'client_request', { about }, null)).toBeNull();
});

test('the method and the number of an RPC message are told, and nothing else that it could hold', () => {
  const told = shownOf(
    policyOf('metadata'),
    'rpc_request',
    { payload: { id: `id of ${MARK}`, method: `say ${MARK}`, params: { [MARK]: MARK } } },
    null,
  );
  expect(texts(told)).not.toContain(MARK);
  const known = shownOf(
    policyOf('metadata'),
    'rpc_request',
    { payload: { id: 4, method: 'turn/start' } },
    null,
  );
  expect(known).toMatchObject({ id: 4, method: 'turn/start' });
});
