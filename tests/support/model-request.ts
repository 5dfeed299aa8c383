import { type Reply, SCRIPTS } from './model-scripts.ts';

/** A Responses API input item, as far as the tests look at it. */
export type InputItem = { type: string; role?: string; content?: { type: string; text?: string }[] } & Record<
  string,
  unknown
>;

export type ModelRequestBody = {
  model: string;
  input: InputItem[];
  tools?: ({ type: string; name?: string } & Record<string, unknown>)[];
} & Record<string, unknown>;

const textOf = (item: InputItem | undefined) => (item?.content ?? []).map((part) => part.text ?? '').join('');

/** Codex speaks as the user too, in `<environment_context>` and the like. */
const isFromPerson = (item: InputItem) =>
  item.type === 'message' && item.role === 'user' && !/^\s*<[a-z_]+>/.test(textOf(item));

/** The text of the last message that the person wrote. */
export const lastUserText = (body: ModelRequestBody): string => textOf(body.input.findLast(isFromPerson));

/** The reply that the marker in the user's text asks for, by how many tool outputs have come since. */
export function scriptedReply(body: ModelRequestBody): Reply {
  const marker = lastUserText(body).match(/\[\[([a-z-]+)\]\]/)?.[1] ?? 'plain';
  const asked = Math.max(0, body.input.findLastIndex(isFromPerson));
  const round = body.input.slice(asked).filter((item) => item.type === 'function_call_output').length;
  const script = SCRIPTS[marker];
  // History that a test injects may hold more tool outputs than the script has replies: then its last one is due.
  return (
    script?.[round] ??
    script?.at(-1) ?? { status: 400, code: 'bad_script', message: `no script [[${marker}]]` }
  );
}
