import { toTurnFailure } from '../../../../src/backend/app-server/turn/codex-errors.ts';

const failure = (codexErrorInfo: unknown) =>
  toTurnFailure({ message: 'at http://10.0.0.7/v1: secret body', codexErrorInfo });

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
  ['cyberPolicy', 'backend_error', 502],
  ['threadRollbackFailed', 'backend_error', 502],
  ['sessionBudgetExceeded', 'backend_error', 502],
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
  expect(toTurnFailure(error).code).toBe('backend_error');
  expect(toTurnFailure(error).cause).toBeUndefined();
});

test('what Codex itself says stays with us as the cause, and no word of it reaches the client', () => {
  const error = failure('badRequest');
  expect(error.message).not.toContain('10.0.0.7');
  expect(error.cause).toMatchObject({ message: 'at http://10.0.0.7/v1: secret body' });
});
