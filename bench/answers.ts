/** What the model server says, byte for byte: the load generator knows it as well, and compares. */
export const BENCH_MODEL = 'bench-model';

const HEAD = { id: 'chatcmpl-bench', created: 1_700_000_000, model: BENCH_MODEL };

const usageOf = (words: number) => ({
  prompt_tokens: 8,
  completion_tokens: words,
  total_tokens: words + 8,
});

/** The word with this number, the first one is 1, with the blank before it; as the embedded app-server says them. */
const wordOf = (number: number): string => `${number === 1 ? '' : ' '}word${number}`;

const wordsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => wordOf(index + 1));

/** The whole text of an answer. */
export const textOf = (words: number): string => wordsOf(words).join('');

/** The body of a plain answer. */
export const plainAnswer = (words: number): string =>
  JSON.stringify({
    ...HEAD,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: textOf(words) }, finish_reason: 'stop' }],
    usage: usageOf(words),
  });

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({
    ...HEAD,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
    usage: null,
  })}\n\n`;

const usageChunk = (words: number): string =>
  `data: ${JSON.stringify({ ...HEAD, object: 'chat.completion.chunk', choices: [], usage: usageOf(words) })}\n\n`;

export const DONE = 'data: [DONE]\n\n';

/** The frames of a streamed answer, in order; each is sent by itself. */
export const streamedAnswer = (words: number): string[] => [
  chunk({ role: 'assistant', content: '' }),
  ...wordsOf(words).map((content) => chunk({ content })),
  chunk({}, 'stop'),
  usageChunk(words),
  DONE,
];
