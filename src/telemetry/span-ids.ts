const LENGTHS = { trace_id: 32, span_id: 16 } as const;

/**
 * The ids of its span in a line of ours, for lines that have passed the sanitizer: a span id can be digits alone, and look
 * like the number of a card.
 */
export const spanIdsIn = (line: object): { readonly trace_id?: string; readonly span_id?: string } =>
  Object.fromEntries(
    Object.entries(LENGTHS).flatMap(([name, length]) => {
      const id = (line as Readonly<Record<string, unknown>>)[name];
      return typeof id === 'string' && id.length === length && /^[\da-f]+$/.test(id) ? [[name, id]] : [];
    }),
  );
