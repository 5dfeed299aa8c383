import { KNOWN_WORDS, toTurnEnd } from '../../src/backend/app-server/turn/codex-errors.ts';
import { ERRORS } from '../../src/errors.ts';

const rows = Object.entries(ERRORS).map(
  ([code, { status, type, retryable, outcome, advice }]) =>
    `| \`${code}\` | ${status} | \`${type}\` | ${retryable ? 'yes' : 'no'} | \`${outcome}\` | ${advice} |`,
);

const endingOf = (codexErrorInfo: unknown, textBegan: boolean, message = ''): string => {
  const end = toTurnEnd({ message, codexErrorInfo }, textBegan);
  return end.type === 'done' ? `\`finish_reason\` \`${end.finishReason}\`` : `\`${end.error.code}\``;
};

const STATUSES = [400, 429, 503, 500];

const row = (shown: string, info: unknown, message?: string): string =>
  `| ${shown} | ${endingOf(info, false, message)} | ${endingOf(info, true, message)} |`;

const codexRows = [
  ...KNOWN_WORDS.map((word) => [`\`${word}\``, word] as const),
  ...STATUSES.map((httpStatusCode) => {
    const shown = httpStatusCode === 500 ? 'any other' : String(httpStatusCode);
    return [
      `a word with the provider's HTTP status ${shown}`,
      { httpConnectionFailed: { httpStatusCode } },
    ] as const;
  }),
].map(([shown, info]) => row(shown, info));

/** Codex has no word for an answer that its provider ended early: it says so in the message. */
const incompleteRows = ['max_output_tokens', 'content_filter'].map((reason) => {
  const message = `Incomplete response returned, reason: ${reason}`;
  return row(`\`other\`, with "${message}" in its message`, 'other', message);
});

/** Nor for an HTTP 400, whose body is then the message. */
const refusedRow = row(
  "`other`, with the JSON body of the provider's HTTP 400 as its message (a body that is no JSON: `other`)",
  'other',
  '{"error":{}}',
);

/** docs/errors.md, made from the one error table. `npm run docs` writes it; a test compares. */
export const errorDocument = (): string => `# Errors

Every error is \`{"error":{"message":…,"type":…,"param":…,"code":…,"request_id":…,"trace_id":…,"service":…,"timestamp":…}}\`. What fails before the first byte of an answer has the status of
its row; what fails after it is an event of the stream, in the shape of its API, and then the stream ends without its terminal frame:
\`data: {"error":…}\` for Chat Completions and Completions, \`response.failed\` for Responses, whose \`error.code\` is one of that API's closed list
(\`server_error\`, \`rate_limit_exceeded\`, …) while the code of this table is its \`error.type\`. The outcome is the same word in the span, the mirror, the usage
record and the access line. *Retry*: whether the same request may succeed when it is sent again; where it is known when, \`Retry-After\` says so. Status 499 is
never sent: it is what the records say of a client that had left. \`service\` says which gateway failed, and when is its \`timestamp\`. An error of a server goes on as
that server wrote it, with its status, its words and our ids: [http-upstream.md](http-upstream.md#errors) says what is added, and which code the records have.

| code | status | type | retry | outcome | what the client should do |
|---|---|---|---|---|---|
${rows.join('\n')}

## What Codex says, and what becomes of it

A turn of the app-server that fails has a \`codexErrorInfo\`. An \`error\` notification with \`willRetry: true\` is no end: the turn goes on.

| \`codexErrorInfo\` | before the first text | after it |
|---|---|---|
${[...codexRows, ...incompleteRows, refusedRow].join('\n')}
`;
