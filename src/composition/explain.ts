/** Makes a `catch` handler that rethrows with `what` could not be done before the message. The original is the `cause`. */
export const explain =
  (what: string) =>
  (cause: unknown): never => {
    throw new Error(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  };
