import { type EchoErrorCode, readErrorCode } from './error-codes.ts';

/** One thing that the echo model does, in the order of the prompt's lines. docs/embedded-app-server.md has the table. */
export type Step =
  | { readonly type: 'say' | 'think'; readonly text: string }
  | { readonly type: 'long'; readonly words: number }
  | { readonly type: 'default' | 'stall' | 'deaf' | 'garbage' | 'retry' }
  | {
      readonly type: 'tool';
      readonly name: string;
      readonly arguments: string;
      /** Called in the same response as the step before it. */
      readonly joined: boolean;
    }
  | { readonly type: 'command'; readonly command: string; readonly ask: boolean }
  | { readonly type: 'fail'; readonly code: EchoErrorCode; readonly httpStatus: number | null }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'crash'; readonly exitCode: number }
  | { readonly type: 'usage'; readonly counts: readonly number[] | null };

export interface Program {
  readonly steps: readonly Step[];
  /** The lines that are no directives: what the default answer repeats. */
  readonly prompt: string;
}

/** No more lines of a prompt are read for directives; those behind them are prompt. */
const MAX_LINES = 1_000;
const MAX_WORDS = 100_000;
const MAX_WAIT_MS = 600_000;

const count = (text: string, max: number, otherwise?: number): number | undefined => {
  const number = text === '' ? otherwise : Number(text);
  return number !== undefined && Number.isInteger(number) && number >= 0 && number <= max
    ? number
    : undefined;
};

const long = (argument: string): Step[] | undefined => {
  const words = count(argument, MAX_WORDS);
  return words ? [{ type: 'long', words }] : undefined;
};

const tool = (argument: string): Step[] | undefined => {
  const [name = '', rest] = cutAtSpace(argument);
  if (name === '') return undefined;
  const given = rest || '{}';
  return isJson(given) ? [{ type: 'tool', name, arguments: given, joined: false }] : undefined;
};

/** The first word, and what stands behind it. */
const cutAtSpace = (text: string): [string, string] => {
  const at = text.search(/\s/);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at).trim()];
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const fail = (argument: string): Step[] | undefined => {
  const [name, status] = cutAtSpace(argument);
  const code = readErrorCode(name || 'other');
  const httpStatus = count(status, 599, 0);
  return code && httpStatus !== undefined
    ? [{ type: 'fail', code, httpStatus: httpStatus || null }]
    : undefined;
};

const usage = (argument: string): Step[] | undefined => {
  if (argument === 'none') return [{ type: 'usage', counts: null }];
  const counts = argument.split(/\s+/, 5).map((word) => count(word, Number.MAX_SAFE_INTEGER));
  return counts.length === 4 && counts.every((n) => n !== undefined)
    ? [{ type: 'usage', counts }]
    : undefined;
};

const MESSAGES: Step[] = [
  { type: 'say', text: 'Let me look that up first.' },
  { type: 'command', command: 'echo hello', ask: false },
  { type: 'say', text: 'Here is the final answer.' },
];

const text = (type: 'say' | 'think') => (argument: string) =>
  argument ? [{ type, text: argument }] : undefined;
const command = (ask: boolean) => (argument: string) => [
  { type: 'command' as const, command: argument || 'echo hello', ask },
];
const bare = (type: 'stall' | 'deaf' | 'garbage' | 'retry') => (argument: string) =>
  argument === '' ? [{ type }] : undefined;

type Directives = Readonly<Record<string, (argument: string) => Step[] | undefined>>;

/** By name; undefined from one of them means that the argument is wrong, and the line is prompt. */
const DIRECTIVES: Directives = {
  say: text('say'),
  think: text('think'),
  long,
  tool,
  run: command(false),
  ask: command(true),
  messages: (argument) => (argument === '' ? MESSAGES : undefined),
  fail,
  retry: bare('retry'),
};

/** Those that others than the one who asks suffer from, or that make its usage up: for tests alone. */
const FAULTS: Directives = {
  ...DIRECTIVES,
  usage,
  stall: bare('stall'),
  deaf: bare('deaf'),
  garbage: bare('garbage'),
  wait: (argument) => withNumber(count(argument, MAX_WAIT_MS), (ms) => ({ type: 'wait', ms })),
  crash: (argument) => withNumber(count(argument, 255, 1), (exitCode) => ({ type: 'crash', exitCode })),
};

const withNumber = (number: number | undefined, make: (number: number) => Step): Step[] | undefined =>
  number === undefined ? undefined : [make(number)];

const readLine = (line: string, directives: Directives): Step[] | undefined => {
  if (!line.startsWith('/')) return undefined;
  const [word, argument] = cutAtSpace(line);
  const name = word.slice(1);
  return Object.hasOwn(directives, name) ? directives[name]?.(argument) : undefined;
};

type Line = { readonly line: string; readonly steps: Step[] | undefined };

const isToolLine = (line: Line | undefined): boolean => line?.steps?.[0]?.type === 'tool';

/** Lines with `/tool` that follow each other are calls of one response, as a model makes them. */
const joinTools = (lines: readonly Line[]): Line[] =>
  lines.map(({ line, steps }, index) => ({
    line,
    steps: steps?.map((step) =>
      step.type === 'tool' ? { ...step, joined: isToolLine(lines[index - 1]) } : step,
    ),
  }));

/** The lines of a text, the last of which is all that is left once there are `MAX_LINES`. */
const linesOf = (text: string): string[] => {
  const lines = text.split('\n', MAX_LINES);
  const read = lines.reduce((total, line) => total + line.length + 1, 0);
  return read > text.length ? lines : [...lines, text.slice(read)];
};

/**
 * Reads the last user message, in time and space linear to its length, whatever it is: everybody's turns share this process.
 * Where no line says anything, the default answer comes last.
 *
 * @param faults whether it may break things
 */
export const readProgram = (message: string, faults: boolean): Program => {
  const directives = faults ? FAULTS : DIRECTIVES;
  const read = linesOf(message).map((line, index) => ({
    line,
    steps: index < MAX_LINES ? readLine(line, directives) : undefined,
  }));
  const lines = joinTools(read);
  const steps = lines.flatMap(({ steps }) => steps ?? []);
  const prompt = lines.flatMap(({ line, steps }) => (steps ? [] : [line])).join('\n');
  const speaks = steps.some(({ type }) => type === 'say' || type === 'long');
  return { steps: speaks ? steps : [...steps, { type: 'default' }], prompt };
};
