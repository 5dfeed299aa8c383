const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
const PLAIN = /^[\x20-\x7e]*$/;
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

const graphemeWidth = (grapheme: string): number => (WIDE.test(grapheme) ? 2 : 1);

/** How many columns a terminal gives to printable text. */
export const widthOf = (text: string): number => {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(text)) width += graphemeWidth(segment);
  return width;
};

/** Cuts printable text to a number of columns; an ellipsis says that there was more. */
export const cutTo = (text: string, columns: number): string => {
  // A grapheme takes at least one UTF-16 unit: what lies far beyond can be left alone, however long it is.
  if (text.length <= columns && PLAIN.test(text)) return text;
  let width = 0;
  let kept = '';
  for (const { segment } of GRAPHEMES.segment(text)) {
    width += graphemeWidth(segment);
    if (width > columns) return `${dropLast(kept, columns)}…`;
    kept += segment;
  }
  return kept;
};

/** Makes room for the ellipsis. */
const dropLast = (kept: string, columns: number): string => {
  const graphemes = [...GRAPHEMES.segment(kept)].map(({ segment }) => segment);
  while (graphemes.length > 0 && widthOf(graphemes.join('')) > columns - 1) graphemes.pop();
  return graphemes.join('');
};
