import { isMembers, type Members, parsedJson } from '../json-shapes.ts';

/** How much is looked at, at either end. */
const EDGE_CHARS = 4096;

/** The object that begins there, where it ends within the text. Counts hold no texts with braces. */
const objectAt = (text: string, from: number): unknown => {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return parsedJson(text.slice(from, at + 1));
  }
  return undefined;
};

/** `"usage":{…}`. In a text of the answer the quotes would be escaped. */
const usageIn = (text: string): Members | null => {
  const [found] = [...text.matchAll(/"usage"\s*:\s*(?=\{)/g)].slice(-1);
  const usage = found && objectAt(text, found.index + found[0].length);
  return isMembers(usage) ? usage : null;
};

const modelIn = (text: string): unknown => {
  const [, name] = /"model"\s*:\s*("(?:[^"\\]|\\.){1,256}")/.exec(text) ?? [];
  return name === undefined ? undefined : parsedJson(name);
};

/**
 * Of an answer that is too much to be parsed, its model and its usage: they stand before or behind the many numbers that are embeddings.
 */
export const readEdges = (text: string): Members => {
  const head = text.slice(0, EDGE_CHARS);
  const tail = text.slice(-EDGE_CHARS);
  return { model: modelIn(head) ?? modelIn(tail), usage: usageIn(tail) ?? usageIn(head) };
};
