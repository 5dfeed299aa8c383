/** Rethrows what was thrown with a word of what could not be done. */
export const explain =
  (what: string) =>
  (cause: unknown): never => {
    throw new Error(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  };
