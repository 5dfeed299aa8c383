import { KNOWN_WORDS, toTurnEnd } from '../../../../src/backend/app-server/turn/codex-errors.ts';

const end = (codexErrorInfo: unknown, textBegan = false) =>
  toTurnEnd({ message: 'at http://10.0.0.7/v1: secret body', codexErrorInfo }, textBegan);

const failure = (codexErrorInfo: unknown) => {
  const ended = end(codexErrorInfo);
  if (ended.type === 'done') throw new Error(`it is no failure: ${JSON.stringify(ended)}`);
  return ended.error;
};

test.each([
  ['contextWindowExceeded', 'context_length_exceeded', 400],
  ['usageLimitExceeded', 'rate_limit_exceeded', 429],
  ['rateLimitExceeded', 'rate_limit_exceeded', 429],
  ['serverOverloaded', 'backend_overloaded', 503],
  ['modelNotFound', 'model_not_found', 404],
  ['badRequest', 'backend_refused_request', 400],
  ['internalServerError', 'backend_error', 502],
  ['unauthorized', 'backend_error', 502],
  ['sandboxError', 'backend_error', 502],
  ['tooManyDenials', 'backend_error', 502],
  ['flexUnavailable', 'backend_overloaded', 503],
  ['policyCapacityUnavailable', 'backend_overloaded', 503],
  ['inferenceHookDenied', 'backend_refused_request', 400],
  ['threadRollbackFailed', 'backend_error', 502],
  ['sessionBudgetExceeded', 'rate_limit_exceeded', 429],
  ['other', 'backend_error', 502],
  ['aWordOfTheFuture', 'backend_error', 502],
])('%s is %s, HTTP %d', (word, code, status) => {
  expect(failure(word)).toMatchObject({ code, status });
});

test.each([
  'httpConnectionFailed',
  'responseStreamConnectionFailed',
  'responseStreamDisconnected',
  'responseTooManyFailedAttempts',
])('%s is judged by the status of the provider', (word) => {
  const at = (httpStatusCode: unknown) => failure({ [word]: { httpStatusCode } }).code;
  expect([400, 429, 503].map(at)).toEqual([
    'backend_refused_request',
    'rate_limit_exceeded',
    'backend_overloaded',
  ]);
  expect([401, 404, 500, 502, null, undefined, 'x', {}].map(at)).toEqual(Array(8).fill('backend_error'));
});

test.each([null, undefined, 0, 5, true, [], {}, [null], { httpConnectionFailed: null }, { x: 'y' }])(
  'an info of %j is a backend error',
  (info) => {
    expect(failure(info).code).toBe('backend_error');
  },
);

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'the word %s, which every object knows, is a backend error too',
  (word) => {
    expect(failure(word)).toMatchObject({ code: 'backend_error', status: 502 });
    expect(failure({ [word]: { httpStatusCode: word } }).code).toBe('backend_error');
  },
);

test.each([null, undefined])('a turn that failed with an error of %s is a backend error', (error) => {
  const ended = toTurnEnd(error, true);
  expect(ended).toMatchObject({ type: 'failed', error: { code: 'backend_error' } });
  expect(ended.type === 'failed' && ended.error.cause).toBeUndefined();
});

test('what Codex itself says stays with us as the cause, and no word of it reaches the client', () => {
  const error = failure('badRequest');
  expect(error.message).not.toContain('10.0.0.7');
  expect(error.cause).toMatchObject({ message: 'at http://10.0.0.7/v1: secret body' });
});

test.each(['cyberPolicy', 'misalignmentPolicyViolation'])(
  '%s is an answer that the filter ended, with or without text',
  (word) => {
    const filtered = { type: 'done', finishReason: 'content_filter' };
    expect([end(word, false), end(word, true)]).toEqual([filtered, filtered]);
  },
);

test('a context window that is full after some text ends the answer for its length', () => {
  expect(end('contextWindowExceeded', true)).toEqual({ type: 'done', finishReason: 'length' });
  expect(failure('contextWindowExceeded')).toMatchObject({
    code: 'context_length_exceeded',
    status: 400,
    message: expect.stringContaining('maximum context length'),
  });
});

test.each(KNOWN_WORDS.filter((word) => !/Policy|contextWindow/.test(word) || word.startsWith('policy')))(
  '%s fails an answer that has begun as it does before',
  (word) => {
    expect(end(word, true)).toEqual(end(word, false));
  },
);

test.each([
  ['Incomplete response returned, reason: max_output_tokens', 'length'],
  [
    'stream disconnected before completion: Incomplete response returned, reason: content_filter',
    'content_filter',
  ],
])('an answer that the provider ended early is no failure: %s', (message, finishReason) => {
  const said = { message, codexErrorInfo: 'other' };
  expect([toTurnEnd(said, true), toTurnEnd(said, false)]).toEqual(
    Array(2).fill({ type: 'done', finishReason }),
  );
  expect(toTurnEnd({ message, codexErrorInfo: 'badRequest' }, true).type).toBe('failed');
});

test.each(['made_up', 'constructor'])('a reason of the name %s stays a failure', (reason) => {
  const message = `Incomplete response returned, reason: ${reason}`;
  expect(toTurnEnd({ message, codexErrorInfo: 'other' }, true).type).toBe('failed');
});

describe('a message that is the JSON body of an HTTP 400, which is all that Codex tells of one', () => {
  const ofBody = (message: string, codexErrorInfo: unknown = 'other') =>
    toTurnEnd({ message, codexErrorInfo }, false);

  test.each([
    '{"error":{"message":"no such size","type":"invalid_request_error","code":null}}',
    '{"error":"no"}',
    '{"error":null}',
    '{"detail":"no"}',
  ])('%s is a refusal, in none of its words', (body) => {
    const ended = ofBody(body);
    expect(ended).toMatchObject({ type: 'failed', error: { code: 'backend_refused_request', status: 400 } });
    expect(ended.type === 'failed' && ended.error.message).not.toContain('no');
  });

  test('of a conversation that is too long it is that', () => {
    expect(ofBody('{"error":{"code":"context_length_exceeded"}}')).toMatchObject({
      error: { code: 'context_length_exceeded' },
    });
  });

  test.each(['', 'null', '7', '"no"', 'plain words', 'stream disconnected before completion: {"error":{}}'])(
    '%j is no such body',
    (message) => {
      expect(ofBody(message)).toMatchObject({ error: { code: 'backend_error' } });
    },
  );

  test('with another word the word decides', () => {
    expect(ofBody('{"error":{}}', 'serverOverloaded')).toMatchObject({
      error: { code: 'backend_overloaded' },
    });
  });
});
