const MAX_TEXTS = 2_000;
const LONGEST = 64;

/**
 * A function of a text that remembers what it said of short ones: names, ids and models come again and again. When it knows too many it
 * begins anew. What it keeps is a copy, since a slice would keep the text that it was cut from.
 */
export const remembering = <Said>(judge: (text: string) => Said): ((text: string) => Said) => {
  const known = new Map<string, Said>();
  return (text) => {
    if (text.length > LONGEST) return judge(text);
    const found = known.get(text);
    if (found !== undefined || known.has(text)) return found as Said;
    const said = judge(text);
    if (known.size === MAX_TEXTS) known.clear();
    const copy = Buffer.from(text).toString();
    // Half a surrogate pair becomes another character.
    if (copy === text) known.set(copy, said);
    return said;
  };
};
