/**
 * How many characters of text one payload may bring to the sanitizer, which works on the event loop at some ten
 * microseconds a kilobyte. What is shown is far smaller still.
 */
const MAX_CHARS = 256 * 1024;
const MAX_DEPTH = 64;

/** Whether the strings of a value, keys included, have more characters than that. Stops counting as soon as it knows. */
const isOver = (value: unknown, limit: number): boolean => {
  let left = limit;
  const count = (part: unknown, depth: number): void => {
    if (left < 0 || depth > MAX_DEPTH) return;
    if (typeof part === 'string') left -= part.length;
    else if (Array.isArray(part)) for (const item of part) count(item, depth + 1);
    else if (typeof part === 'object' && part !== null) {
      for (const [key, item] of Object.entries(part)) {
        left -= key.length;
        count(item, depth + 1);
      }
    }
  };
  count(value, 0);
  return left < 0;
};

/** Keeps the beginning of each long text, until the budget is used up, and says how much is not kept. */
const cutter = (limit: number) => {
  let left = limit;
  const cut = (text: string): string => {
    const kept = Math.min(text.length, Math.max(left, 0), limit / 8);
    left -= kept;
    return kept === text.length ? text : `${text.slice(0, kept)}…[${text.length - kept} characters not kept]`;
  };
  const walk = (part: unknown, depth: number): unknown => {
    if (typeof part === 'string') return cut(part);
    if (depth > MAX_DEPTH || typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) return part.map((item) => walk(item, depth + 1));
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item, depth + 1)]));
  };
  return walk;
};

/** The value itself where it is small; else a copy with its long texts cut, so that one client's prompt delays nobody. */
export const boundPayload = (value: unknown, limit = MAX_CHARS): unknown =>
  isOver(value, limit) ? cutter(limit)(value, 0) : value;
