import { parseArgs } from 'node:util';

/** Where clients come from: our own pipes, or a port of this machine. */
export type Listen =
  | { readonly type: 'stdio' }
  | { readonly type: 'websocket'; readonly host: string; readonly port: number };

export interface Options {
  readonly listen: Listen;
  readonly wordDelayMs: number;
  /** Whether a prompt may make the echo model break things. */
  readonly faults: boolean;
}

export type ReadOptions =
  | { readonly type: 'run'; readonly options: Options }
  | { readonly type: 'help' | 'version' }
  | { readonly type: 'wrong'; readonly problem: string };

export const HELP = `The embedded app-server of Throughline: Codex's v2 protocol, with a deterministic model behind it.

Usage: node src/app-server/main.ts [options]

  --listen URL        stdio:// (default), or ws://127.0.0.1:PORT (0: any free port, told on stderr)
  --word-delay-ms N   pause before each word of the echo model (default 15)
  --faults            a prompt may make the echo model crash, hang and worse: for tests alone
  --help              this text
  --version           the version

On stdio it speaks newline-delimited JSON, and ends when its input ends. On a port it also answers /readyz and
/healthz, and ends on SIGTERM. It says what it notices on stderr. docs/embedded-app-server.md tells what prompts
can make the echo model do, and which variables are read.
`;

const FLAGS = {
  listen: { type: 'string', default: 'stdio://' },
  'word-delay-ms': { type: 'string', default: '15' },
  faults: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
} as const;

class WrongFlag extends Error {}

const wrong = (flag: string, value: string, allowed: string) =>
  new WrongFlag(`--${flag} ${value}: ${allowed}`);

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

const readListen = (value: string): Listen => {
  if (value === 'stdio://') return { type: 'stdio' };
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const allowed = 'allowed are stdio:// and ws://127.0.0.1:PORT (loopback only)';
  if (url?.protocol !== 'ws:' || !LOOPBACK.includes(url.hostname)) throw wrong('listen', value, allowed);
  if (url.pathname !== '/' || url.search) throw wrong('listen', value, allowed);
  return { type: 'websocket', host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
};

const readDelay = (value: string): number => {
  if (!/^\d{1,5}$/.test(value))
    throw wrong('word-delay-ms', value, 'allowed are whole milliseconds from 0 to 99999');
  return Number(value);
};

/** Reads the command line; never throws. */
export const readOptions = (args: string[]): ReadOptions => {
  try {
    const { values } = parseArgs({ args, options: FLAGS, allowPositionals: false });
    if (values.help) return { type: 'help' };
    if (values.version) return { type: 'version' };
    const options = {
      listen: readListen(values.listen),
      wordDelayMs: readDelay(values['word-delay-ms']),
      faults: values.faults,
    };
    return { type: 'run', options };
  } catch (cause) {
    return { type: 'wrong', problem: cause instanceof Error ? cause.message : String(cause) };
  }
};
