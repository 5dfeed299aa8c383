/** A problem and its place in the file. Lines and columns begin with 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly text: string;
  /** Whether the problem is in the environment, and not in the file. */
  readonly isOutside?: boolean;
}

/** How many problems are shown. Further ones seldom have a cause of their own. */
const MAX_TOLD = 20;

const byPlace = (a: Problem, b: Problem): number => a.line - b.line || a.column - b.column;

/** Collects problems without duplicates. Keeps the first `MAX_TOLD`, and counts the rest. */
export const createProblems = () => {
  const found = new Map<string, Problem>();
  let left = 0;
  let ofFile = 0;
  return {
    add(problem: Problem): void {
      const key = `${problem.line}:${problem.column}:${problem.text}`;
      if (found.has(key)) return;
      if (!problem.isOutside) ofFile++;
      if (found.size < MAX_TOLD) found.set(key, problem);
      else left++;
    },
    /** Whether a further problem would only be counted, so that its place is not needed. */
    get isFull(): boolean {
      return found.size >= MAX_TOLD;
    },
    count: () => found.size + left,
    /** Whether the file itself is wrong. */
    areOfFile: () => ofFile > 0,
    list: (): readonly Problem[] => [...found.values()].sort(byPlace),
  };
};
export type Problems = ReturnType<typeof createProblems>;

/** A routes file that cannot be used. Each line has a place, what is wrong there, and what is allowed. */
export class RoutesError extends Error {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'RoutesError';
    this.lines = lines;
  }
}

/** The lines that report the problems of a file. */
export const linesOf = (path: string, problems: readonly Problem[], count: number): string[] => [
  ...problems.map(({ line, column, text }) => `${path}:${line}:${column}: ${text}`),
  ...(count > problems.length ? [`${path}: ${count - problems.length} more problems`] : []),
];
