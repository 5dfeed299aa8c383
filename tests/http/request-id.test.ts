import { chooseRequestId } from '../../src/http/request-id.ts';
import { sanitizeText } from '../support/sanitizer.ts';

const choose = (inbound?: string) => chooseRequestId(inbound, (bytes) => 'ab'.repeat(bytes), sanitizeText);

test('without an inbound id one is made: req_ and 12 lower-case hex digits', () => {
  expect(choose()).toEqual({ reqId: 'req_abababababab', rejected: null });
  expect(choose().reqId).toMatch(/^req_[0-9a-f]{12}$/);
});

test.each(['a', 'req_0123456789ab', 'A.b:c-d_9', '550e8400-e29b-41d4-a716-446655440000', 'x'.repeat(128)])(
  'the inbound id %s is used as it came',
  (inbound) => {
    expect(choose(inbound)).toEqual({ reqId: inbound, rejected: null });
  },
);

test.each(['', ' ', 'a b', 'a/b', 'ä', 'a,b', 'a\n', 'a\r\nset-cookie: x', '{}', '%20', 'x'.repeat(129)])(
  'the inbound id %j is refused, and kept to be told',
  (inbound) => {
    expect(choose(inbound)).toEqual({ reqId: 'req_abababababab', rejected: inbound });
  },
);

test('an inbound id that looks like a secret is refused', () => {
  const inbound = `AKIA${'IOSFODNN7EXAMPLE'}`;
  expect(choose(inbound)).toEqual({ reqId: 'req_abababababab', rejected: inbound });
});
