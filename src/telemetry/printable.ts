/** What a terminal obeys, and what changes the order, breaks a line or hides in the text: none of it may come from a payload. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** Join and style emoji; harmless, and an emoji taken apart is hard to read. */
const OF_EMOJI: ReadonlySet<string> = new Set(['\u200d', '\ufe0e', '\ufe0f']);
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const hex = (code: number): string => code.toString(16).padStart(4, '0');

const escapeOne = (character: string): string => {
  if (OF_EMOJI.has(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return NAMED[character] ?? (code > 0xffff ? `\\u{${hex(code)}}` : `\\u${hex(code)}`);
};

/** Makes text harmless for a terminal: control and formatting characters become escapes that can be read. */
export const printable = (text: string): string => text.replace(UNSAFE, escapeOne);

/** The only character of JSON that is not in a string and that this would take. */
const BETWEEN_VALUES = '\n';

const escapeInJson = (character: string): string =>
  character === BETWEEN_VALUES
    ? character
    : [...Array(character.length).keys()].map((at) => `\\u${hex(character.charCodeAt(at))}`).join('');

/** Makes JSON, as `JSON.stringify` writes it, harmless for a terminal. It stays JSON of the same value. */
export const printableJson = (json: string): string => json.replace(UNSAFE, escapeInJson);

/** A line of JSON whose strings are harmless for a terminal once they are read: it has another value. Stacks keep their lines. */
export const printableStrings = (line: string): string =>
  JSON.stringify(JSON.parse(line), (key, value: unknown) => {
    if (typeof value !== 'string') return value;
    return key === 'stack' ? value.split('\n').map(printable).join('\n') : printable(value);
  });
