import { type ErrorCode, readErrorCode } from './error-codes.ts';

/** One thing that the echo model does, in the order of the prompt's lines. docs/embedded-app-server.md has the table. */
export type Step =
  | { readonly type: 'say' | 'think'; readonly text: string }
  | { readonly type: 'default' | 'stall' | 'deaf' | 'garbage' | 'retry' }
  | {
      readonly type: 'tool';
      readonly name: string;
      readonly arguments: string;
      /** Called in the same response as the step before it. */
      readonly joined: boolean;
    }
  | { readonly type: 'command'; readonly command: string; readonly ask: boolean }
  | { readonly type: 'fail'; readonly code: ErrorCode; readonly httpStatus: number | null }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'crash'; readonly exitCode: number }
  | { readonly type: 'usage'; readonly counts: readonly number[] | null };

export interface Program {
  readonly steps: readonly Step[];
  /** The lines that are no directives: what the default answer repeats. */
  readonly prompt: string;
}

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
  return words
    ? [{ type: 'say', text: Array.from({ length: words }, (_, i) => `word${i + 1}`).join(' ') }]
    : undefined;
};

const tool = (argument: string): Step[] | undefined => {
  const [, name, json] = /^(\S+)\s*(.*)$/.exec(argument) ?? [];
  if (!name) return undefined;
  const given = json || '{}';
  return isJson(given) ? [{ type: 'tool', name, arguments: given, joined: false }] : undefined;
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
  const [name = '', status = ''] = argument.split(/\s+/);
  const code = readErrorCode(name || 'other');
  const httpStatus = count(status, 599, 0);
  return code && httpStatus !== undefined
    ? [{ type: 'fail', code, httpStatus: httpStatus || null }]
    : undefined;
};

const usage = (argument: string): Step[] | undefined => {
  if (argument === 'none') return [{ type: 'usage', counts: null }];
  const counts = argument.split(/\s+/).map((word) => count(word, Number.MAX_SAFE_INTEGER));
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

/** By name; undefined from one of them means that the argument is wrong, and the line is prompt. */
const DIRECTIVES: Readonly<Record<string, (argument: string) => Step[] | undefined>> = {
  say: text('say'),
  think: text('think'),
  long,
  tool,
  run: command(false),
  ask: command(true),
  messages: (argument) => (argument === '' ? MESSAGES : undefined),
  fail,
  usage,
  retry: bare('retry'),
  stall: bare('stall'),
  deaf: bare('deaf'),
  garbage: bare('garbage'),
  wait: (argument) => withNumber(count(argument, MAX_WAIT_MS), (ms) => ({ type: 'wait', ms })),
  crash: (argument) => withNumber(count(argument, 255, 1), (exitCode) => ({ type: 'crash', exitCode })),
};

const withNumber = (number: number | undefined, make: (number: number) => Step): Step[] | undefined =>
  number === undefined ? undefined : [make(number)];

const readLine = (line: string): Step[] | undefined => {
  const [, name = '', argument = ''] = /^\/([a-z]+)(?:\s+(.*?))?\s*$/.exec(line) ?? [];
  return Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name]?.(argument) : undefined;
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

/** Reads the last user message. Where no line says anything, the default answer comes last. */
export const readProgram = (message: string): Program => {
  const lines = joinTools(message.split('\n').map((line) => ({ line, steps: readLine(line) })));
  const steps = lines.flatMap(({ steps }) => steps ?? []);
  const prompt = lines.flatMap(({ line, steps }) => (steps ? [] : [line])).join('\n');
  const speaks = steps.some(({ type }) => type === 'say');
  return { steps: speaks ? steps : [...steps, { type: 'default' }], prompt };
};
