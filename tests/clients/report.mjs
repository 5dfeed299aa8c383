/** What a client's program says to `main.ts`: a line of JSON on stdout for each case of each of its ways to the gateway. */

/** Where the gateway is, and what to ask it, by case. */
export const { baseURL, model, apiKey, prompts } = JSON.parse(process.env.CLIENT_RUN);

/** What the client's tool answers. */
export const TOOL_OUTPUT = 'sunny';

const reasonOf = (thrown) => {
  const { name, message, cause } =
    thrown instanceof Error ? thrown : { name: 'Error', message: String(thrown) };
  return `${name}: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`;
};

/** Runs one case; it passes with what `run` returns in `checks`, each of which must be true. */
export const report = async (way, name, run) => {
  let result;
  try {
    const checks = await run();
    const failed = Object.keys(checks).filter((check) => checks[check] !== true);
    result = failed.length === 0 ? { ok: true } : { ok: false, detail: `not so: ${failed.join(', ')}` };
  } catch (thrown) {
    result = { ok: false, detail: reasonOf(thrown) };
  }
  process.stdout.write(`${JSON.stringify({ way, case: name, ...result })}\n`);
};

/** Says of a case that the client does no such thing, and why. */
export const leaveOut = (way, name, detail) => {
  process.stdout.write(`${JSON.stringify({ way, case: name, ok: null, detail })}\n`);
};

/** What every client must have got, said once. */
export const checkPlain = (text) => ({ 'the text is the answer': text.includes(prompts.plain.expect) });

export const checkStreamed = (pieces) => ({
  'the joined text is the answer': pieces.join('').includes(prompts.plain.expect),
  'the text came in pieces': pieces.length > 1,
});

export const checkTool = (calls, text) => ({
  'the tool was called once': calls.length === 1,
  'the tool got its arguments': calls[0]?.city === 'Paris' && calls[0]?.unit === 'C',
  'the answer is the one behind the tool': text.includes(TOOL_OUTPUT),
});

export const checkStructured = (value, expect = prompts.structured.expect) => ({
  'the value has the shape': typeof value?.city === 'string' && typeof value?.degrees === 'number',
  'the value is the answer':
    expect === null || (value?.city === expect.city && value?.degrees === expect.degrees),
});
