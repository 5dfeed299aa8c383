import type { Attributes } from '../support/otlp-spans.ts';
import { sanitizeAttributes } from '../support/sanitizer.ts';
import {
  FAKE_SECRETS,
  INNOCENT_NAMES,
  INNOCENT_TEXTS,
  SECRET_NAMES,
  shows,
} from '../telemetry/sanitize-secrets.ts';
import { SHAPED_SECRETS } from '../telemetry/shaped-secrets.ts';
import { findByTags } from './support/jaeger-query.ts';
import { poll } from './support/poll.ts';
import { sendSpan } from './support/send-span.ts';
import { clientTraces } from './support/share.ts';
import { type LocalStack, startLocalStack } from './support/stack.ts';

/** No part of it looks like a secret: whether it is masked is for the name alone to say. */
const PLAIN = 'plain';

const AROUND: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `see ${text} there`,
  (text) => `"${text}"`,
  (text) => `(${text})`,
  (text) => `a\n${text}\nb`,
  (text) => `x\\n${text}\\n`,
];

/** The two lines of defence know the same secrets: the gateway's sanitizer, and the collector for what other senders let through. */
describe('the redaction of the collector', () => {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await startLocalStack();
  });
  afterAll(() => stack?.stop());

  const through = async (name: string, attributes: Record<string, string>): Promise<Attributes> => {
    const [{ traceId } = { traceId: '' }] = clientTraces(`redaction ${name}`, 1);
    const span = { traceId, spanId: traceId.slice(16), name: 'redaction' };
    await sendSpan(stack.collector.otlpUrl, { ...span, attributes: { ...attributes, mark: traceId } });
    const [found] = await poll('the span in Jaeger', async () => {
      const spans = await findByTags(stack.jaeger.queryUrl, { mark: traceId });
      return spans.length > 0 && spans;
    });
    return found?.attributes ?? {};
  };
  const numbered = (texts: readonly string[]): Record<string, string> =>
    Object.fromEntries(texts.map((text, index) => [`text.${index}`, text]));

  it('masks every text that the sanitizer masks, whatever stands around it', async () => {
    const samples = [...FAKE_SECRETS, ...SHAPED_SECRETS].flatMap((fake) =>
      AROUND.map((put) => ({ ...fake, text: put(fake.text) })),
    );
    const found = await through('texts', numbered(samples.map(({ text }) => text)));
    const shown = samples.filter(({ secret }, index) => shows(String(found[`text.${index}`]), secret));
    expect(shown.map(({ what, text }) => [what, text])).toEqual([]);
    expect(Object.keys(found).filter((key) => key.startsWith('text.'))).toHaveLength(samples.length);
  });

  it('masks what stands under every name under which the sanitizer masks it', async () => {
    const sent = Object.fromEntries(SECRET_NAMES.map((name) => [name, PLAIN]));
    const found = await through('names', sent);
    expect(SECRET_NAMES.filter((name) => found[name] === PLAIN)).toEqual([]);
    const clean: Record<string, string> = sanitizeAttributes(sent);
    expect(SECRET_NAMES.filter((name) => clean[name] === PLAIN)).toEqual([]);
  });

  it('leaves ordinary texts and names as they are, as the sanitizer does', async () => {
    const texts = numbered(INNOCENT_TEXTS);
    const names = Object.fromEntries(INNOCENT_NAMES.map((name) => [name, PLAIN]));
    expect(await through('innocents', { ...texts, ...names })).toMatchObject({ ...texts, ...names });
    expect(sanitizeAttributes(names)).toBe(names);
  });
});
