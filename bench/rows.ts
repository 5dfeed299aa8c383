import { fileURLToPath } from 'node:url';
import { BENCH_MODEL } from './answers.ts';
import type { Check } from './load/messages.ts';
import { litellmCommand, portkeyCommand } from './peers.ts';
import type { Scene } from './scenes.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const node = (path: string, ...args: readonly string[]): string[] => [process.execPath, here(path), ...args];

/** What a row may need; URLs are without a path. */
export interface Surroundings {
  readonly model: string;
  readonly sink: string;
  /** A free port, for those who cannot find one themselves. */
  readonly port: number;
  /** A folder of the row's own. */
  readonly folder: string;
}

/** How a row is started. */
export interface Start {
  /** The first is the program. A Node program is given the probe. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** It is ready when it takes connections here; null: when it says so on stdout. */
  readonly port: number | null;
  /** Written to its folder before, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** What a Node program loads first, in place of the probe, and flags for Node. */
  readonly preload?: { readonly module: string; readonly flags: readonly string[] };
}

/** One of those that are compared. */
export interface Row {
  readonly name: string;
  readonly title: string;
  /** The row that it is compared with. */
  readonly floor: 'hono-fetch' | 'rpc-loop';
  readonly check: Check;
  readonly model: string;
  readonly headers?: (surroundings: Pick<Surroundings, 'model'>) => Readonly<Record<string, string>>;
  /** The file with its events, in its folder; null where it has none. */
  readonly mirror: string | null;
  /** Whether it exports spans. */
  readonly exports: boolean;
  readonly quick: boolean;
  /** Whether a run without `--with` has it. */
  readonly usual: boolean;
  readonly start: (surroundings: Surroundings) => Start;
}

const MIRROR = '.throughline/proto.ndjson';
/** Exports soon, so that what a round causes is in its processor time. */
const EXPORT_DELAY_MS = 500;
/** How long the exporters of a row may still work for a round that is over. */
export const SETTLE_MS = EXPORT_DELAY_MS + 200;

const floor = (name: string, title: string, command: readonly string[]): Row => ({
  name,
  title,
  floor: 'hono-fetch',
  check: 'bytes',
  model: BENCH_MODEL,
  mirror: null,
  exports: false,
  quick: true,
  usual: true,
  start: ({ model }) => ({ command, env: { BENCH_UPSTREAM: model }, port: null }),
});

const OURS = {
  PORT: '0',
  PROXY_ENV: 'dev',
  PROXY_MAX_CONCURRENCY: '4096',
  PROXY_SSE_MAX_CONCURRENCY: '4096',
  PROXY_MAX_BODY_BYTES: String(64 * 2 ** 20),
  PROXY_MIRROR_MAX_BYTES: String(128 * 2 ** 20),
} as const;

const SAMPLERS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  0: { OTEL_TRACES_SAMPLER: 'always_off' },
  10: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
  100: {},
};

interface Variant {
  readonly capture: 'off' | 'metadata' | 'full';
  readonly mirror: boolean;
  /** Of the requests, how many percent are exported; null: nothing is. */
  readonly sampled: 0 | 10 | 100 | null;
}

const exportTo = (sink: string, percent: number): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: sink,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: String(EXPORT_DELAY_MS),
  ...SAMPLERS[percent],
});

/** What a target needs. */
const isQuick = ({ capture, mirror, sampled }: Variant): boolean =>
  mirror ? sampled === 100 && capture !== 'off' : true;

const words = ({ capture, mirror, sampled }: Variant): string =>
  `capture ${capture}, mirror ${mirror ? 'on' : 'off'}, ${sampled === null ? 'no export' : `OTLP of ${sampled} %`}`;

type Backend = (surroundings: Surroundings) => Record<string, string>;

const ours = (
  name: string,
  of: string,
  variant: Variant,
  backend: Backend,
): Omit<Row, 'floor' | 'check' | 'model'> => ({
  name,
  title: `Throughline, ${of}, ${words(variant)}`,
  mirror: variant.mirror ? MIRROR : null,
  exports: variant.sampled !== null,
  quick: isQuick(variant),
  usual: true,
  start: (surroundings) => ({
    command: node('../bin/throughline.mjs', 'serve'),
    env: {
      ...OURS,
      ...backend(surroundings),
      PROXY_CAPTURE: variant.capture,
      LOG_PROTO: String(variant.mirror),
      ...(variant.sampled !== null && exportTo(surroundings.sink, variant.sampled)),
    },
    port: null,
  }),
});

const onHttp = (name: string, variant: Variant): Row => ({
  ...ours(name, 'HTTP', variant, ({ model }) => ({ PROXY_UPSTREAM_URL: `${model}/v1` })),
  floor: 'hono-fetch',
  check: 'bytes',
  model: BENCH_MODEL,
});

/** The embedded one without the pauses between its words. */
const APP_SERVER = node('../src/app-server/main.ts', '--word-delay-ms', '0');

const ofAppServer = { floor: 'rpc-loop', check: 'text', model: 'throughline-echo' } as const;

const onAppServer = (name: string, variant: Variant): Row => ({
  ...ours(name, 'app-server', variant, () => ({
    PROXY_APP_SERVER_CMD: APP_SERVER.map((word) => `"${word}"`).join(' '),
  })),
  ...ofAppServer,
});

const portkey: Row = {
  ...floor('portkey', 'Portkey 1.15.2, untraced', []),
  check: 'text',
  headers: ({ model }) => ({
    authorization: 'Bearer none',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${model}/v1`,
  }),
  start: ({ port }) => ({ command: portkeyCommand(port), env: { NODE_ENV: 'production' }, port }),
};

const litellm: Row = {
  ...floor('litellm', 'LiteLLM, untraced, one worker', []),
  check: 'text',
  usual: false,
  start: ({ port, model, folder }) => ({
    command: litellmCommand(port, folder),
    env: { LITELLM_LOG: 'ERROR', LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_TELEMETRY: 'False' },
    port,
    files: {
      // YAML takes JSON.
      'config.yaml': JSON.stringify({
        model_list: [
          {
            model_name: BENCH_MODEL,
            litellm_params: { model: `openai/${BENCH_MODEL}`, api_base: `${model}/v1`, api_key: 'none' },
          },
        ],
      }),
    },
  }),
};

/** The model server alone: what the load generator and it can do. It is started for all, so it starts nothing itself. */
export const MODEL_ROW = 'model';

export const ROWS: readonly Row[] = [
  floor(MODEL_ROW, 'The model server alone', node('servers/model.ts')),
  floor('relay', 'A bare relay of bytes (node:http)', node('servers/relay.ts')),
  floor('hono-fetch', 'Hono + fetch, untraced', node('servers/hono.ts')),
  floor('hono-undici', 'Hono + undici, untraced', node('servers/hono.ts', '--undici')),
  onHttp('full', { capture: 'full', mirror: true, sampled: 100 }),
  onHttp('full-10', { capture: 'full', mirror: true, sampled: 10 }),
  onHttp('full-0', { capture: 'full', mirror: true, sampled: 0 }),
  onHttp('metadata', { capture: 'metadata', mirror: true, sampled: 100 }),
  onHttp('off', { capture: 'off', mirror: true, sampled: 100 }),
  onHttp('full-bare', { capture: 'full', mirror: false, sampled: null }),
  onHttp('off-bare', { capture: 'off', mirror: false, sampled: null }),
  portkey,
  litellm,
  {
    ...floor(
      'rpc-loop',
      'A bare JSON-RPC loop on the app-server',
      node('servers/rpc-loop.ts', ...APP_SERVER),
    ),
    ...ofAppServer,
  },
  onAppServer('app-full', { capture: 'full', mirror: true, sampled: 100 }),
  onAppServer('app-off', { capture: 'off', mirror: false, sampled: null }),
];

const isOnAppServer = ({ floor: of }: Row): boolean => of === 'rpc-loop';

/** The embedded model has no quiet streams; its prompts are counted word by word, which is no work of the gateway's. */
const suits = (row: Row, scene: Scene): boolean =>
  isOnAppServer(row) ? scene.promptBytes === 0 && scene.kind !== 'quiet' : true;

/** Whether a row takes part in a scene. */
export const runs = (row: Row, scene: Scene): boolean =>
  suits(row, scene) && (scene.only?.includes(row.name) ?? true);
