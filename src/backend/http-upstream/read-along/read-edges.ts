import { isMembers, type Members, parsedJson } from '../json-shapes.ts';

/** How much is read at each end. */
const EDGE_CHARS = 4096;

/** The object that begins at `from`; undefined if the text ends before it. Usage holds no strings with braces. */
const objectAt = (text: string, from: number): unknown => {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return parsedJson(text.slice(from, at + 1));
  }
  return undefined;
};

/** The last `"usage":{…}`. Inside of a string the quotes would be escaped. */
const usageIn = (text: string): Members | null => {
  const [found] = [...text.matchAll(/"usage"\s*:\s*(?=\{)/g)].slice(-1);
  const usage = found && objectAt(text, found.index + found[0].length);
  return isMembers(usage) ? usage : null;
};

const modelIn = (text: string): unknown => {
  const [, name] = /"model"\s*:\s*("(?:[^"\\]|\\.){1,256}")/.exec(text) ?? [];
  return name === undefined ? undefined : parsedJson(name);
};

/** Reads the model and the usage of an answer that is too long to be parsed. They come before or after the embeddings. */
export const readEdges = (text: string): Members => {
  const head = text.slice(0, EDGE_CHARS);
  const tail = text.slice(-EDGE_CHARS);
  return { model: modelIn(head) ?? modelIn(tail), usage: usageIn(tail) ?? usageIn(head) };
};
