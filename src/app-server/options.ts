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
  /** Undefined leaves the echo model alone. */
  readonly modelServer: ModelServer | undefined;
}

/** The OpenAI-compatible server behind this one: its URL with the `/v1`, and the model to ask it for. */
export interface ModelServer {
  readonly url: URL;
  /** Undefined: all that it lists. */
  readonly model: string | undefined;
}

export type ReadOptions =
  | { readonly type: 'run'; readonly options: Options }
  | { readonly type: 'help' | 'version' }
  | { readonly type: 'wrong'; readonly problem: string };

export const HELP = `The embedded app-server of Throughline: Codex's v2 protocol, with a deterministic model behind it.

Usage: node src/app-server/main.ts [options]

  --listen URL        stdio:// (default), or ws://127.0.0.1:PORT (0: any free port, told on stderr)
  --model-url URL     an OpenAI-compatible server, such as http://127.0.0.1:11434/v1, as the default model;
                      OPENAI_API_KEY is sent to it where it is set
  --model NAME        the model to ask that server for (default: all that it lists, its first one first)
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
  'model-url': { type: 'string' },
  model: { type: 'string' },
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

const readModelServer = (value: string | undefined, model: string | undefined): ModelServer | undefined => {
  if (value === undefined && model === undefined) return undefined;
  if (value === undefined) throw new WrongFlag('--model goes with --model-url URL');
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw wrong('model-url', value, 'allowed is an http or https URL');
  if (url.username || url.password) throw wrong('model-url', url.host, 'a key belongs into OPENAI_API_KEY');
  return { url, model };
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
      modelServer: readModelServer(values['model-url'], values.model),
      wordDelayMs: readDelay(values['word-delay-ms']),
      faults: values.faults,
    };
    return { type: 'run', options };
  } catch (cause) {
    return { type: 'wrong', problem: cause instanceof Error ? cause.message : String(cause) };
  }
};
