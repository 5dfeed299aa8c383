import { createSanitizer } from '../../src/telemetry/index.ts';

/** No rule knows it by its shape. */
const KEY = 'Otter.93wk/Lmpz"42';

const knowing = (...secrets: string[]) => {
  const sanitizer = createSanitizer();
  sanitizer.keepSecrets(secrets);
  return sanitizer;
};

describe('a secret of the configuration', () => {
  const { sanitizeText, sanitizeJson, createTextSanitizer } = knowing(KEY);

  it('is hidden wherever it stands, as it is, in JSON and in a URL', () => {
    const json = JSON.stringify({ said: `no ${KEY} here` });
    for (const text of [`no ${KEY} here`, json, `torn ${json.slice(0, -2)}`, encodeURIComponent(KEY)]) {
      expect(sanitizeText(text)).toContain('[REDACTED]');
      expect(sanitizeText(text)).not.toMatch(/93wk|Lmpz/);
    }
    expect(sanitizeJson({ [KEY]: [KEY] })).toEqual({ '[REDACTED]': ['[REDACTED]'] });
  });

  it('is hidden in a stream that is cut at any two places', () => {
    const text = `the key is ${KEY}, and ${KEY.slice(0, 9)} is none`;
    const whole = sanitizeText(text);
    expect(whole).toBe(`the key is [REDACTED], and ${KEY.slice(0, 9)} is none`);
    for (let first = 0; first <= text.length; first++) {
      for (let second = first; second <= text.length; second++) {
        const stream = createTextSanitizer();
        const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        expect(pieces.map(stream.push).join('') + stream.flush()).toBe(whole);
      }
    }
  });

  it('is hidden whole where a shorter one is its beginning', () => {
    const both = knowing('grey-otter', 'grey-otter-of-the-north');
    const stream = both.createTextSanitizer();
    const out = ['a grey-otter', '-of-the-', 'north, a grey-otter', '-of', ' old'].map(stream.push).join('');
    expect(out + stream.flush()).toBe('a [REDACTED], a [REDACTED]-of old');
  });

  it('is looked for without the scheme before it', () => {
    expect(knowing('Bearer grey-otter').sanitizeText('so grey-otter is wrong')).toBe(
      'so [REDACTED] is wrong',
    );
  });

  it('of less than eight characters is a word like any other', () => {
    expect(knowing('ollama', 'EMPTY', '').sanitizeText('ollama is EMPTY')).toBe('ollama is EMPTY');
  });

  it('leaves what was cleaned as it is', () => {
    const once = sanitizeText(`Authorization: Bearer ${KEY}; {"a": ${JSON.stringify(KEY)}}`);
    expect(sanitizeText(once)).toBe(once);
  });
});

describe('a secret that came with a request', () => {
  it('is hidden until hundreds of others have come', () => {
    const { passSecret, sanitizeText } = createSanitizer();
    passSecret('Bearer otter-of-the-first-client');
    expect(sanitizeText('it was otter-of-the-first-client')).toBe('it was [REDACTED]');
    for (let count = 0; count < 300; count++) passSecret(`Bearer heron-of-client-${count}-here`);
    expect(sanitizeText('it was otter-of-the-first-client')).toBe('it was otter-of-the-first-client');
    expect(sanitizeText('it is heron-of-client-299-here')).toBe('it is [REDACTED]');
  });
});

test('what was shown before is hidden once it is known to be a secret, also where it is a name', () => {
  const { sanitizeJson, sanitizeText, passSecret } = createSanitizer();
  const text = 'id-4111-2345';
  expect(sanitizeJson({ [text]: text })).toEqual({ [text]: text });
  expect(sanitizeText(text)).toBe(text);
  passSecret(text);
  expect(sanitizeJson({ [text]: text })).toEqual({ '[REDACTED]': '[REDACTED]' });
  expect(sanitizeText(text)).toBe('[REDACTED]');
});
