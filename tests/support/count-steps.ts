/**
 * How many characters the regular expressions and the string methods go over while `run` runs: the work of code that is made of them, on
 * any machine. A search that starts at a place counts from there to the end of its match, or of the text; a sticky one what it matched.
 */
export const countSteps = (run: () => void): number => {
  let steps = 0;
  const restore: (() => void)[] = [];
  const count = <Name extends string>(
    prototype: Record<Name, unknown>,
    name: Name,
    cost: (self: never, args: never, result: never) => number,
  ): void => {
    const plain = prototype[name] as (this: unknown, ...args: unknown[]) => unknown;
    restore.push(() => Object.assign(prototype, { [name]: plain }));
    Object.assign(prototype, {
      [name](this: unknown, ...args: unknown[]) {
        const from = (this as { lastIndex?: number }).lastIndex;
        const result = plain.apply(this, args);
        steps += cost({ self: this, from } as never, args as never, result as never);
        return result;
      },
    });
  };
  count(
    RegExp.prototype as never,
    'exec',
    (
      { self, from }: { self: RegExp; from: number },
      [text]: readonly string[],
      found: RegExpExecArray | null,
    ) => {
      if (self.sticky) return 1 + (found?.[0].length ?? 0);
      const start = self.global ? from : 0;
      return 1 + (found ? found.index + found[0].length : (text?.length ?? 0)) - start;
    },
  );
  for (const name of ['slice', 'trimEnd', 'toLowerCase', 'replace', 'split'] as const)
    count(String.prototype as never, name, (_self: never, _args: never, made: string) => 1 + made.length);
  for (const name of ['charAt', 'charCodeAt', 'codePointAt', 'startsWith'] as const)
    count(String.prototype as never, name, () => 1);
  count(
    String.prototype as never,
    'indexOf',
    ({ self }: { self: string }, [, from = 0]: readonly number[], found: number) =>
      1 + (found < 0 ? self.length : found) - from,
  );
  try {
    run();
  } finally {
    for (const undo of restore) undo();
  }
  return steps;
};
