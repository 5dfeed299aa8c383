import { readDeadline, timeLimit } from '../../src/http/deadline.ts';

test('a client that asks for no time gets the time of the gateway', () => {
  const limit = timeLimit(readDeadline(undefined), 600_000);
  expect(limit.ms).toBe(600_000);
  expect(limit.error()).toMatchObject({ code: 'backend_timeout', status: 504, outcome: 'timeout' });
});

test('a shorter time of the client is honoured, and its end has words of its own', () => {
  const limit = timeLimit(readDeadline(' 1500 '), 600_000);
  expect(limit.ms).toBe(1_500);
  expect(limit.error()).toMatchObject({
    code: 'request_deadline_exceeded',
    status: 504,
    outcome: 'timeout',
    message: expect.stringContaining('1500 ms that the client gave'),
  });
});

test.each(['600000', '86400001', '9'.repeat(400)])(
  'a time that is no shorter than ours (%s) changes nothing',
  (asked) => {
    const limit = timeLimit(readDeadline(asked), 600_000);
    expect(limit.ms).toBe(600_000);
    expect(limit.error().code).toBe('backend_timeout');
  },
);

test.each(['0', '-1', '1.5', '1e3', '0x10', 'soon', '', '1, 2'])(
  'a time that is none (%j) is refused with what is allowed',
  (value) => {
    expect(readDeadline(value)).toMatchObject({
      type: 'invalid',
      error: {
        code: 'invalid_value',
        status: 400,
        param: 'x-request-timeout-ms',
        message: expect.stringContaining('milliseconds, 1 or more'),
      },
    });
  },
);

test('a wrong time of the client leaves the gateway its own', () => {
  expect(timeLimit(readDeadline('soon'), 5_000).ms).toBe(5_000);
});
