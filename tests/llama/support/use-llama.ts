import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { post } from '../../support/chat.ts';
import { type GatewayProcess, startGateway } from '../../support/gateway.ts';
import { type Recorder, startRecorder } from './recorder.ts';
import { type LlamaServer, MODEL, startLlama } from './server.ts';

export type Answer = { status: number; headers: Headers; reqId: string; bytes: Buffer; text: string };

export type Llama = {
  server: LlamaServer;
  recorder: Recorder;
  gateway: GatewayProcess;
  /** To a path below `/v1`, with the model's name. */
  ask(path: string, body: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>;
};

const read = async (response: Response): Promise<Answer> => {
  const bytes = Buffer.from(await response.arrayBuffer());
  const { status, headers } = response;
  return { status, headers, reqId: headers.get('x-request-id') ?? '', bytes, text: bytes.toString() };
};

/**
 * llama.cpp's server, and a gateway in front of it, for the tests of a block. `routes` is a routes file for a URL; without it
 * the gateway has the URL alone.
 */
export const useLlama = (routes?: (url: string) => string): Llama => {
  const llama = {
    ask: async (path, body, headers = {}) =>
      read(await post(`${llama.gateway.url}/v1/${path}`, { model: MODEL, ...body }, { headers })),
  } as Llama;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'throughline-llama-'));
    llama.server = await startLlama();
    llama.recorder = await startRecorder(() => llama.server.url);
    const url = `${llama.recorder.url}/v1`;
    const path = join(folder, 'routes.yaml');
    if (routes) await writeFile(path, routes(url));
    llama.gateway = await startGateway(routes ? { PROXY_ROUTES: path } : { PROXY_UPSTREAM_URL: url });
  });
  afterAll(async () => {
    await llama.gateway?.remove();
    await llama.recorder?.close();
    await llama.server?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return llama;
};

export const WEATHER_TOOL = {
  name: 'get_weather',
  description: 'The weather in a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** A value whose text the server forces on the model, so that a model of any size gives it. */
export const CITY_SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['Paris'] } },
  required: ['city'],
  additionalProperties: false,
};
