import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CODEX_MODEL } from '../support/codex.ts';
import { startCodexGateway } from '../support/codex-gateway.ts';
import { startGateway } from '../support/gateway.ts';
import { PLAIN_TEXT, WEATHER } from '../support/model-scripts.ts';
import { MODEL, type ServedApi, startModelServer } from './model/server.ts';

type Asked<Expected> = { prompt: string; expect: Expected };

/** A value that must come, or null where the backend makes one up from the schema. */
type Value = { city: string; degrees: number } | null;

/** What the programs ask in each case. The answers are known, since all models are ours. */
export type Prompts = {
  plain: Asked<string>;
  tool: { prompt: string };
  structured: Asked<Value>;
  /** Where the client names no schema and only asks for JSON. */
  json: Asked<Value>;
  /** Where the client forces a tool of this name and takes its arguments as the value. */
  outputTool: Readonly<Record<'Weather' | 'PartialWeather' | 'final_result', Asked<Value>>>;
};

export type Backend = {
  title: string;
  url: string;
  model: string;
  prompts: Prompts;
  remove(): Promise<void>;
};

const call = (name: string, input: unknown): string => `/tool ${name} ${JSON.stringify(input)}`;

const ECHO_PROMPTS: Prompts = {
  plain: { prompt: 'hello to you', expect: 'You said: hello to you' },
  tool: { prompt: `${call('get_weather', { city: 'Paris', unit: 'C' })}\nWhat is the weather?` },
  structured: { prompt: 'What is the weather?', expect: null },
  json: { prompt: `/say ${JSON.stringify(WEATHER)}`, expect: WEATHER },
  outputTool: {
    Weather: { prompt: call('Weather', WEATHER), expect: WEATHER },
    PartialWeather: { prompt: call('PartialWeather', WEATHER), expect: WEATHER },
    final_result: { prompt: call('final_result', WEATHER), expect: WEATHER },
  },
};

/** For a model that is a server of ours: what stands in brackets is the script that it follows. */
const SCRIPT_PROMPTS: Prompts = {
  plain: { prompt: 'Say hello. [[plain]]', expect: PLAIN_TEXT },
  tool: { prompt: 'What is the weather? [[tool]]' },
  structured: { prompt: 'What is the weather? [[schema]]', expect: WEATHER },
  json: { prompt: 'What is the weather? [[schema]]', expect: WEATHER },
  outputTool: {
    Weather: { prompt: 'What is the weather? [[call-weather]]', expect: WEATHER },
    PartialWeather: { prompt: 'What is the weather? [[call-partial-weather]]', expect: WEATHER },
    final_result: { prompt: 'What is the weather? [[call-final-result]]', expect: WEATHER },
  },
};

export const startEmbedded = async (): Promise<Backend> => {
  const gateway = await startGateway();
  return {
    title: 'embedded app-server',
    url: gateway.url,
    model: 'throughline-echo',
    prompts: ECHO_PROMPTS,
    remove: gateway.remove,
  };
};

/** On a model of Codex's catalogue, as its users have, whose tools Codex offers in another way than those of a model it does not know. */
export const startCodex = async (): Promise<Backend> => {
  const { gateway, remove } = await startCodexGateway();
  const answer = await fetch(`${gateway.url}/v1/models`);
  const { data } = (await answer.json()) as { data: { id: string }[] };
  const known = data.find(({ id }) => id !== CODEX_MODEL);
  if (!known) {
    await remove();
    throw new Error('Codex lists no model of its catalogue');
  }
  return { title: 'real Codex', url: gateway.url, model: known.id, prompts: SCRIPT_PROMPTS, remove };
};

/** With a model server that has these APIs alone, and a gateway with this environment in front of it. */
const startUpstream = async (
  title: string,
  apis: readonly ServedApi[],
  envFor: (url: string) => Promise<Record<string, string>>,
): Promise<Backend> => {
  const server = await startModelServer(apis);
  const gateway = await envFor(server.url)
    .then(startGateway)
    .catch(async (thrown: unknown) => {
      await server.close();
      throw thrown;
    });
  const remove = async (): Promise<void> => {
    await gateway.remove();
    await server.close();
  };
  return { title, url: gateway.url, model: MODEL, prompts: SCRIPT_PROMPTS, remove };
};

/** A server that has the APIs: requests and answers pass as they are. */
export const startRelayed = (): Promise<Backend> =>
  startUpstream('HTTP upstream', ['chat', 'completions', 'responses'], async (url) => ({
    PROXY_UPSTREAM_URL: url,
  }));

/** A server that has Chat Completions alone: the gateway translates the other APIs. */
export const startTranslated = async (): Promise<Backend> => {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-clients-'));
  const path = join(folder, 'routes.yaml');
  const backend = await startUpstream('HTTP upstream with Chat Completions alone', ['chat'], async (url) => {
    await writeFile(path, `backends:\n  model: { kind: http, url: "${url}", apis: [chat] }\n`);
    return { PROXY_ROUTES: path };
  }).catch(async (thrown: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw thrown;
  });
  return {
    ...backend,
    async remove() {
      await backend.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
