import { parseArgs } from 'node:util';

export interface Options {
  readonly wordDelayMs: number;
}

export type ReadOptions =
  | { readonly type: 'run'; readonly options: Options }
  | { readonly type: 'help' | 'version' }
  | { readonly type: 'wrong'; readonly problem: string };

export const HELP = `The embedded app-server of Throughline: Codex's v2 protocol, with a deterministic model behind it.

Usage: node src/app-server/main.ts [options]

  --word-delay-ms N   pause before each word of an answer (default 15)
  --help              this text
  --version           the version

Speaks newline-delimited JSON on stdin and stdout, and says what it notices on stderr. Ends when stdin ends.
docs/embedded-app-server.md tells what prompts can make it do, and which variables it reads.
`;

const FLAGS = {
  'word-delay-ms': { type: 'string', default: '15' },
  help: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
} as const;

const wrong = (flag: string, value: string, allowed: string): ReadOptions => ({
  type: 'wrong',
  problem: `--${flag} ${value}: ${allowed}`,
});

const parse = (args: string[]) => {
  try {
    return parseArgs({ args, options: FLAGS, allowPositionals: false }).values;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
};

/** Reads the command line; never throws. */
export const readOptions = (args: string[]): ReadOptions => {
  const values = parse(args);
  if (typeof values === 'string') return { type: 'wrong', problem: values };
  if (values.help) return { type: 'help' };
  if (values.version) return { type: 'version' };
  const delay = values['word-delay-ms'];
  if (!/^\d{1,5}$/.test(delay))
    return wrong('word-delay-ms', delay, 'allowed are whole milliseconds from 0 to 99999');
  return { type: 'run', options: { wordDelayMs: Number(delay) } };
};
