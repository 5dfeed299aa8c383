import { readRedactFile } from '../../src/telemetry/sanitize/redact-file.ts';
import { createSanitizer, type Sanitizer } from '../../src/telemetry/sanitize.ts';
import { countSteps } from '../support/count-steps.ts';
import { withRedactFile } from '../support/redact-rules.ts';

const sanitizerOf = (yaml: string): Promise<Sanitizer> =>
  withRedactFile(yaml, async (path) => createSanitizer((await readRedactFile(path)).rules));

const problemOf = (yaml: string): Promise<string> =>
  withRedactFile(yaml, (path) =>
    readRedactFile(path).then(
      () => 'no problem',
      (error: Error) => error.message.slice(path.length),
    ),
  );

const RULES = `
# What our own people are known by.
keys:
  - employee_id
  - "x.badge"
patterns:
  - 'EMP-[0-9]{6}'
  - "(?i)acme-(?:key|pass)[a-z]{2,40}"
`;

test('a key is found whatever its case and separators, in JSON, text, attributes and headers', async () => {
  const { sanitizeText, sanitizeJson, sanitizeAttributes, sanitizeHeaders } = await sanitizerOf(RULES);
  for (const name of ['employee_id', 'employeeId', 'EMPLOYEE-ID', 'user.employeeId', 'badge']) {
    expect(sanitizeJson({ [name]: 'bob', n: 1 })).toEqual({ [name]: '[REDACTED]', n: 1 });
    expect(sanitizeJson({ [name]: 5 })).toEqual({ [name]: '[REDACTED]' });
    expect(sanitizeAttributes({ [name]: 'bob' })).toEqual({ [name]: '[REDACTED]' });
  }
  expect(sanitizeText('see employee_id=bob, {"employeeId": "bob"} <employee-id>bob</employee-id>')).toBe(
    'see employee_id=[REDACTED], {"employeeId": "[REDACTED]"} <employee-id>[REDACTED]</employee-id>',
  );
  expect(sanitizeJson({ new_employee_id: 'bob', employee: 'bob' })).toEqual({
    new_employee_id: 'bob',
    employee: 'bob',
  });
  const { sanitizeHeaders: withHeader } = await sanitizerOf('keys: [x-correlation-id]');
  expect(withHeader({ 'x-correlation-id': 'a', 'x-request-id': 'b' })).toEqual({
    'x-correlation-id': '[REDACTED]',
    'x-request-id': 'b',
  });
  expect(sanitizeHeaders({ 'x-correlation-id': 'a' })).toEqual({ 'x-correlation-id': 'a' });
});

test('a pattern is found in texts, names and header values, beside the built-in rules', async () => {
  const { sanitizeText, sanitizeJson, sanitizeHeaders, describePayload } = await sanitizerOf(RULES);
  expect(sanitizeText('EMP-123456 has ACME-KEYabc, password=hunter2, EMP-12345')).toBe(
    '[REDACTED] has [REDACTED], password=[REDACTED], EMP-12345',
  );
  expect(sanitizeJson({ 'EMP-123456': ['for EMP-654321'] })).toEqual({ '[REDACTED]': ['for [REDACTED]'] });
  expect(sanitizeHeaders({ 'user-agent': 'x EMP-123456' })).toEqual({ 'user-agent': 'x [REDACTED]' });
  expect(describePayload('EMP-123456').sha256).toBe(describePayload('EMP-654321').sha256);
});

test('what a pattern finds does not show wherever a stream is split', async () => {
  const { sanitizeText, createTextSanitizer } = await sanitizerOf(RULES);
  const text = `I am EMP-123456, and acme-pass${'abc'.repeat(10)} is mine: password=hunter2, so`;
  const whole = sanitizeText(text);
  expect(whole).toBe('I am [REDACTED], and [REDACTED] is mine: password=[REDACTED], so');
  for (let cut = 0; cut <= text.length; cut++) {
    const stream = createTextSanitizer();
    expect(stream.push(text.slice(0, cut)) + stream.push(text.slice(cut)) + stream.flush()).toBe(whole);
  }
  const stream = createTextSanitizer();
  const long = `${text} `.repeat(50);
  const out = [...long].map((character) => stream.push(character)).join('') + stream.flush();
  expect(out).toBe(sanitizeText(long));
});

test('a pattern cannot show what the built-in rules hide', async () => {
  const { sanitizeText } = await sanitizerOf('patterns: ["pass", "KEY", "REDA", "[a-z]{3}"]');
  expect(sanitizeText('password: hunter2 API_KEY=Abc123')).not.toMatch(/hunter2|Abc123/);
});

test('a pattern that would hold a backtracking engine takes linear time', async () => {
  const { sanitizeText } = await sanitizerOf("patterns: ['(?:a|a|aa){2,100}b', '(?:(?:a?){8}a){2,20}c']");
  const steps = (size: number): number => countSteps(() => sanitizeText(`: ${'a'.repeat(size)}`));
  expect(steps(16_384)).toBeLessThan(2.6 * steps(8_192));
});

test.each([
  ['keys: [a', ':1:'],
  ['- a', ':1:1: must be a map with keys and patterns'],
  ['', ':1:1: must be a map with keys and patterns'],
  ['keyz: [a]', ':1:1: only keys and patterns are known here'],
  ['keys: a', ':1:7: keys must be a list of texts'],
  ['keys:\n  - ok_key\n  - 5', ':3:5: an entry of keys must be a text: put it in quotes'],
  ['keys:\n  - "a b"', ':2:5: a key is 2 to 64 of A-Z a-z 0-9 _ . -, and begins with a letter'],
  ['keys: [req_id]', ':1:8: req_id is a field of every record: without it none would be found'],
  ["patterns:\n  - 'abc'\n  - 'EMP-[0-9]+'", ':3:15: + has no upper bound: write {0,32} or {1,32}, say'],
  ['patterns: [abc.*]', ':1:16: * has no upper bound: write {0,32} or {1,32}, say'],
  ['patterns: ["abc{2,}"]', ':1:16: {n,} has no upper bound: write {1,32}, say'],
  ["patterns: ['^abc']", ':1:13: ^ is not supported: a text may arrive in pieces'],
  ["patterns: ['abc\\b']", ':1:16: not supported: neither \\b nor references to groups'],
  [
    "patterns: ['(?=abc)abc']",
    ':1:13: only (…), (?:…), (?<name>…) and flags such as (?i) are supported: nothing that looks around',
  ],
  ["patterns: ['(abc']", ':1:13: a group is not closed'],
  ["patterns: ['abc)']", ':1:16: a group is closed that was not opened'],
  ["patterns: ['ab[c']", ':1:15: a class is not closed'],
  ["patterns: ['ab']", ':1:13: it can match 2 characters: at least 3 are needed'],
  ["patterns: ['(abc){100}']", ':1:13: it matches up to 300 characters: at most 256 are allowed'],
  ["patterns: ['abc[z-a]']", ':1:13: '],
])('%j is refused with line and column', async (yaml, problem) => {
  expect(await problemOf(yaml)).toContain(problem);
});

test('a file that is missing or too large is refused', async () => {
  await expect(readRedactFile('/nowhere/redact.yaml')).rejects.toThrow(
    '/nowhere/redact.yaml: cannot be read (ENOENT)',
  );
  expect(await problemOf(`keys: [${'a'.repeat(70_000)}]`)).toBe(': larger than 64 KiB');
  expect(await problemOf(`keys:\n${'  - key_x\n'.repeat(1_001)}`)).toBe(':1002:5: more than 1000 keys');
});
