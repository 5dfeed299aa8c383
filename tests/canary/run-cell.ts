import { fileURLToPath } from 'node:url';
import type { Capture } from '../../src/telemetry/settings.ts';
import { type GatewayProcess, isReady, runCli, startGateway } from '../support/gateway.ts';
import type { CanaryBackend, Ending, RunningBackend } from './backends.ts';
import { APIS, schemaBody, toolIn } from './bodies.ts';
import { crash, sendCutAnswers } from './cut-answers.ts';
import { sendOddAnswers } from './odd-answers.ts';
import type { Plant } from './planted.ts';
import { type Send, sendGarbage, sendRefusals, sendWrongValues } from './refusals.ts';
import { createRawCollector, readSinks, type Sinks } from './sinks.ts';
import { askAsAnother, headers, KEY, type Stage } from './stage.ts';

/** One setting in which everything is sent and everything that leaves is read. */
export interface Cell {
  readonly backend: CanaryBackend;
  readonly capture: Capture;
  /** `PROXY_ENV`. */
  readonly env: 'dev' | 'production';
  /** All wrong values of all parameters as well, which takes long and meets no backend. */
  readonly wrongValues: boolean;
}

const CRASH = fileURLToPath(new URL('../fixtures/crash-with-content.mjs', import.meta.url));

const createSend =
  (url: string, reqIds: string[]): Send =>
  async (method, path, { body, headers: more } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: headers(more),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    reqIds.push(response.headers.get('x-request-id') ?? '');
    // A stream that fails may be cut.
    const text = await response.text().catch(() => '');
    return `${response.status} ${text.slice(0, 300)}`;
  };

const textOf = ({ plant }: Stage, place: string): string => plant.text(place);

/** Every ending on every API, streamed and not. */
const sendEndings = async (stage: Stage): Promise<void> => {
  const { plant, pieces, backend, send } = stage;
  const endings = (place: string): Ending[] => [
    { do: 'answer', pieces: pieces(`${place} answer`) },
    { do: 'think', pieces: pieces(`${place} thought`) },
    { do: 'refuse', status: 400, message: `Invalid prompt: '${textOf(stage, `${place} refusal`)}'` },
    { do: 'refuse', status: 500, message: `It failed at ${textOf(stage, `${place} failure`)}` },
    { do: 'fail', pieces: pieces(`${place} half`), message: textOf(stage, `${place} late failure`) },
  ];
  for (const { path, body } of APIS) {
    for (const stream of [false, true]) {
      const place = `${path} ${stream ? 'streamed' : 'plain'}`;
      for (const [index, ending] of endings(place).entries()) {
        const prompt = backend.prepare(ending);
        const got = await send('POST', path, {
          body: { ...body(plant, backend.model, `${place} ${index}`, prompt), stream },
        });
        // Where nothing is answered, nothing of an answer is looked for.
        if (ending.do === 'answer' && !got.startsWith('200')) throw new Error(`${place}: ${got}`);
      }
      await askAsAnother(stage);
    }
  }
};

/** Calls of the client's tools and of the backend's, and an answer in a schema of the client's. */
const sendTools = async ({ plant, pieces, backend, send }: Stage): Promise<void> => {
  const { name, fields } = toolIn(plant, 'called tool');
  const given = JSON.stringify({ note: plant.text('called tool arguments') });
  const prompt = (ending: Ending): object[] => [
    { role: 'user', content: `${plant.text('tool prompt')}\n${backend.prepare(ending)}` },
  ];
  const chat = '/v1/chat/completions';
  const { model } = backend;
  const tools = [{ type: 'function', function: fields }];
  for (const stream of [false, true]) {
    const messages = prompt({ do: 'tool', name, arguments: given });
    await send('POST', chat, { body: { model, stream, tools, messages } });
  }
  const command = `echo ${plant.word('command')}`;
  await send('POST', chat, {
    body: { model, messages: prompt({ do: 'shell', command, pieces: pieces('answer after a command') }) },
  });
  const said = backend.prepare({ do: 'answer', pieces: [plant.text('answer in a schema')] });
  await send('POST', chat, { body: schemaBody(plant, model, 'schema', said) });
};

const PLAIN_PATHS = ['/livez', '/readyz', '/healthz', '/openapi.json', '/docs'];

/** What the command line says of the routes file, where there is one. */
const checkRoutes = async ({ cwd }: GatewayProcess, { env }: RunningBackend): Promise<string> => {
  const path = env['PROXY_ROUTES'];
  if (path === undefined) return '';
  const told = await Promise.all(
    [[], ['--json']].map((more) => runCli(['check', path, ...more], { cwd, env })),
  );
  return told.map(({ stdout, stderr }) => stdout + stderr).join('\n');
};

/** Of all requests those whose views are read: each view starts a process. */
const VIEWS = 3;
const some = (ids: readonly string[]): string[] =>
  ids.filter((_, index) => index % Math.ceil(ids.length / VIEWS) === 0 || index >= ids.length - 3);

/** What every gateway of a cell is set to. */
const settingsOf = ({ env, capture }: Cell, otlpUrl: string): Record<string, string> => ({
  PROXY_ENV: env,
  PROXY_CAPTURE: capture,
  LOG_PROTO: 'true',
  LOG_LEVEL: 'trace',
  OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
  OTEL_BSP_SCHEDULE_DELAY: '200',
  // Both encodings, one in each environment.
  ...(env === 'production' && { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }),
});

/** Starts the gateway of a cell, sends everything, ends it, and reads everything that left it. */
export const runCell = async (cell: Cell, plant: Plant): Promise<Sinks> => {
  const collector = await createRawCollector();
  const own = settingsOf(cell, collector.url);
  const backend = await cell.backend.open(cell.capture, collector.url, own);
  let gateway: GatewayProcess | undefined;
  try {
    gateway = await startGateway(
      { ...own, PROXY_API_KEYS: `canary:${KEY}`, NODE_OPTIONS: `--import=${CRASH}`, ...backend.env },
      isReady,
    );
    const reqIds: string[] = [];
    const plain: string[] = [];
    const send = createSend(gateway.url, reqIds);
    const pieces = (place: string) => plant.pieces(place, !cell.backend.speaksInLines);
    const { secrets } = cell.backend;
    const stage: Stage = { gateway, backend, secrets, plant, pieces, send, others: [], reqIds };
    await sendEndings(stage);
    await sendTools(stage);
    await sendRefusals(send, plant, backend.model);
    if (cell.wrongValues) await sendWrongValues(send, plant, backend.model);
    await sendGarbage(gateway.url, plant);
    if (backend.prepareReply) await sendOddAnswers(stage, backend.prepareReply);
    await sendCutAnswers(stage);
    plain.push(await checkRoutes(gateway, backend));
    for (const path of PLAIN_PATHS) plain.push(await (await fetch(`${gateway.url}${path}`)).text());
    const linesBefore = gateway.log.length;
    await crash(stage);
    return await readSinks({
      gateway,
      collector,
      hops: backend.hops ?? [],
      others: stage.others,
      plain,
      reqIds: some(reqIds),
      linesBefore,
    });
  } finally {
    await gateway?.remove();
    await backend.close();
    await collector.close();
  }
};
