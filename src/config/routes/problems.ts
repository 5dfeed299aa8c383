/** Where in a file something stands, and what is wrong with it. Lines and columns begin with 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly text: string;
  /** It is of the environment: the file itself may be right. */
  readonly isOutside?: boolean;
}

/** How many are told; more of them seldom have causes of their own. */
const MAX_TOLD = 20;

const byPlace = (a: Problem, b: Problem): number => a.line - b.line || a.column - b.column;

/** Problems in the order of the file, each once; of very many the first ones that were found. */
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
    /** Whether further ones would only be counted: their places need not be looked for. */
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

/** A routes file that cannot be used. Each line says where something is wrong, what, and what is allowed. */
export class RoutesError extends Error {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'RoutesError';
    this.lines = lines;
  }
}

/** The lines that tell of the problems of a file. */
export const linesOf = (path: string, problems: readonly Problem[], count: number): string[] => [
  ...problems.map(({ line, column, text }) => `${path}:${line}:${column}: ${text}`),
  ...(count > problems.length ? [`${path}: ${count - problems.length} more problems`] : []),
];
