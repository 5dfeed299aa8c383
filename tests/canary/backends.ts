import { fileURLToPath } from 'node:url';
import type { Capture } from '../../src/telemetry/settings.ts';
import { CODEX_BIN, CODEX_MODEL, createCodexHome } from '../support/codex.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { startListening } from '../support/listening.ts';
import type { Reply, Step } from '../support/model-scripts.ts';
import { createModelServer } from '../support/model-server.ts';
import { http, throughTwoGateways, translated } from './http-backends.ts';
import type { RawReply } from './model-endings.ts';

/** How the next turn is to end. */
export type Ending =
  | { readonly do: 'answer' | 'think' | 'stall'; readonly pieces: readonly string[] }
  | { readonly do: 'tool'; readonly name: string; readonly arguments: string }
  | { readonly do: 'shell'; readonly command: string; readonly pieces: readonly string[] }
  /** The provider refuses or fails before the answer, or in the middle of it. */
  | { readonly do: 'refuse'; readonly status: number; readonly message: string }
  | { readonly do: 'fail'; readonly pieces: readonly string[]; readonly message: string };

/** What stands behind a gateway. */
export interface RunningBackend {
  /** For the gateway. */
  readonly env: Readonly<Record<string, string>>;
  readonly model: string;
  /** Makes the next turn end like that; what is given back has to stand in the prompt, on lines of its own. */
  prepare(ending: Ending): string;
  /** Has the request with this text answered like that, byte for byte; null: it speaks no HTTP. */
  readonly prepareReply?: (reply: RawReply) => string;
  /** Makes it end in the middle of a turn; null: whoever has started its process kills it. */
  readonly exit: (() => Promise<void>) | null;
  /** Brings it back; where there is none it comes back by itself. */
  readonly restart?: (gateway: GatewayProcess) => Promise<void>;
  /** Gateways between the one that is asked and the server, whose sinks are read too. */
  readonly hops?: readonly GatewayProcess[];
  close(): Promise<void>;
}

/** A row of the test: one kind of backend. */
export interface CanaryBackend {
  readonly name: string;
  /** Places whose text never reaches the gateway with it, or never comes back. */
  readonly neverSays: RegExp;
  /** What is secret because it is configured: keys and headers. */
  readonly secrets: readonly string[];
  /** Whether the texts of its answers may have several lines. */
  readonly speaksInLines: boolean;
  /** `env` is what the gateway has of the cell's own settings. */
  open(capture: Capture, otlpUrl: string, env: RunningBackend['env']): Promise<RunningBackend>;
}

const EMBEDDED = fileURLToPath(new URL('../../src/app-server/main.ts', import.meta.url));
const ECHO = 'throughline-echo';
/** The errors of the echo model have words of ours. */
const OWN_ERRORS = /(?:refusal|failure)$/;

const lines = (directive: string, text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `/${directive} ${line}`);

/** The echo model does what the prompt says, and has no words of its own for an error. */
const toDirectives = (ending: Ending): string => {
  switch (ending.do) {
    case 'answer':
      return lines('say', ending.pieces.join('')).join('\n');
    case 'think':
      // Thoughts follow each other without a border: what stands on two lines would be one word.
      return [`/think ${ending.pieces.join('').trim().replaceAll('\n', ' , ')}`, '/say so'].join('\n');
    case 'stall':
      return [...lines('say', ending.pieces.join('')), '/stall'].join('\n');
    case 'tool':
      return `/tool ${ending.name} ${ending.arguments}`;
    case 'shell':
      return [`/run ${ending.command}`, ...lines('say', ending.pieces.join(''))].join('\n');
    case 'refuse':
      return `/fail ${ending.status === 400 ? 'badRequest' : 'internalServerError'}`;
    case 'fail':
      return [...lines('say', ending.pieces.join('')), '/fail other'].join('\n');
  }
};

export const embedded: CanaryBackend = {
  name: 'the embedded app-server',
  neverSays: OWN_ERRORS,
  speaksInLines: false,
  secrets: [],
  open: async () => ({
    env: {},
    model: ECHO,
    prepare: toDirectives,
    exit: null,
    close: async () => undefined,
  }),
};

const websocket: CanaryBackend = {
  name: 'an app-server on a websocket',
  neverSays: OWN_ERRORS,
  speaksInLines: false,
  secrets: [],
  async open(capture, otlpUrl) {
    const env = { THROUGHLINE_CAPTURE: capture, OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl };
    let server = await startListening([process.execPath, EMBEDDED, '--faults'], env);
    const port = Number(new URL(server.url).port);
    return {
      env: { PROXY_APP_SERVER_URL: server.url },
      model: ECHO,
      prepare: toDirectives,
      async exit() {
        await server.kill();
        server = await startListening([process.execPath, EMBEDDED, '--faults'], env, port);
      },
      close: () => server.stop(),
    };
  },
};

const toReplies = (ending: Ending): Reply[] => {
  const message = (pieces: readonly string[]): Step => ({ do: 'message', text: pieces.join(''), pieces });
  switch (ending.do) {
    case 'answer':
      return [{ steps: [message(ending.pieces)] }];
    case 'think':
      return [{ steps: [{ do: 'reasoning', summary: ending.pieces.join('') }, message(['so'])] }];
    case 'stall':
      return [{ steps: [message(ending.pieces), { do: 'hang' }] }];
    case 'tool':
      return [{ steps: [{ do: 'call', name: ending.name, arguments: ending.arguments }] }];
    case 'shell':
      return [{ steps: [{ do: 'shell', command: ending.command }] }, { steps: [message(ending.pieces)] }];
    case 'refuse':
      return [{ status: ending.status, code: 'invalid_prompt', message: ending.message }];
    case 'fail':
      return [{ steps: [message(ending.pieces), { do: 'fail', code: 'bad', message: ending.message }] }];
  }
};

const codex: CanaryBackend = {
  name: 'the real Codex',
  // Of a provider's 500 it tells the status alone.
  neverSays: /(?:plain|streamed) failure$/,
  speaksInLines: true,
  secrets: [],
  async open() {
    const model = await createModelServer();
    const home = await createCodexHome({ modelUrl: model.url });
    return {
      env: { ...home.env, CODEX_BIN, PROXY_CODEX_WORKDIR: home.workdir },
      model: CODEX_MODEL,
      prepare(ending) {
        model.reset();
        model.enqueue(...toReplies(ending));
        return '';
      },
      exit: null,
      async close() {
        await home.remove();
        await model.close();
      },
    };
  },
};

/** All that there are; a further one is one more row. */
export const BACKENDS: readonly CanaryBackend[] = [
  embedded,
  http,
  translated,
  throughTwoGateways,
  codex,
  websocket,
];
