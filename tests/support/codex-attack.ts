import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChatCompletionMessageParam } from 'openai/resources';
import { CODEX_MODEL } from './codex.ts';
import type { Step } from './model-scripts.ts';
import type { useCodexGateway } from './use-gateway.ts';

type Running = ReturnType<typeof useCodexGateway>;

/** Stands in everything that no turn may get at. */
export const PLANTED = 'planted';

/** A picture of one pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Credentials in the environment of the gateway, as operators have them there. */
export const PLANTED_ENV = {
  DATABASE_URL: `postgres://me:${PLANTED}-database@db/prod`,
  AWS_SECRET_ACCESS_KEY: `${PLANTED}-aws`,
  OPENAI_API_KEY: `${PLANTED}-openai`,
  GITHUB_TOKEN: `${PLANTED}-github`,
};

/**
 * A login and a skill of the operator's, in the folder of Codex. They are there before it starts: after a change of its login Codex
 * fails turns for a moment ("application network policy is unavailable").
 */
export const PLANTED_HOME = {
  'auth.json': JSON.stringify({ OPENAI_API_KEY: `${PLANTED}-login` }),
  'skills/private/SKILL.md': `---\nname: private\ndescription: of the operator\n---\n${PLANTED}-skill\n`,
};

/** Plants secrets in files beside the gateway, and a prompt of another client's in the mirror. */
export const plant = async ({ gateway, openai }: Running): Promise<void> => {
  const files = {
    [join(gateway.cwd, '.env')]: `KEY=${PLANTED}-dotenv\n`,
    [join(gateway.cwd, 'picture.png')]: PNG,
    [join(gateway.cwd, 'AGENTS.md')]: `${PLANTED}-agents\n`,
  };
  for (const [path, content] of Object.entries(files)) await writeFile(path, content);
  await openai.chat.completions.create({
    model: CODEX_MODEL,
    messages: [{ role: 'user', content: `${PLANTED}-prompt` }],
  });
  await gateway.waitForMirror((lines) => JSON.stringify(lines).includes(`${PLANTED}-prompt`));
};

/** Has the model make these calls, one after the other, and gives what it was told of each. */
export const attack = async (
  { model, openai }: Running,
  steps: Step[],
  { modelName = CODEX_MODEL, text = 'go on' }: { modelName?: string; text?: string } = {},
): Promise<string[]> => {
  model.reset();
  model.enqueue(...steps.map((step) => ({ steps: [step] })));
  const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: text }];
  await openai.chat.completions.create({ model: modelName, messages });
  const input = model.calls.at(-1)?.body.input ?? [];
  return input.filter(({ type }) => /_output$/.test(type)).map(({ output }) => JSON.stringify(output));
};

/** Code for the freeform tool `exec` that most models of Codex's catalogue have instead of all others. */
export const exec = (code: string): Step => ({
  do: 'item',
  item: { type: 'custom_tool_call', status: 'completed', name: 'exec', namespace: 'functions', input: code },
});

/** A call of a tool in a namespace. */
export const callIn = (namespace: string, name: string, args: object): Step => ({
  do: 'item',
  item: { type: 'function_call', namespace, name, arguments: JSON.stringify(args) },
});

/** Tells a client by `apply_patch`, which changes nothing, whether a file has this line. */
export const patchOf = (path: string, line: string): string =>
  `*** Begin Patch\n*** Update File: ${path}\n@@\n-${line}\n+changed\n*** End Patch`;

/** What the model's calls offered as tools, wherever they stand. */
export const offeredTools = (body: unknown): string[] => {
  if (typeof body !== 'object' || body === null) return [];
  const { tools } = body as { tools?: { name?: string; type: string }[] };
  const own = (Array.isArray(tools) ? tools : []).flatMap((tool) => [
    tool.name ?? tool.type,
    ...offeredTools(tool),
  ]);
  return [
    ...own,
    ...Object.entries(body).flatMap(([key, value]) => (key === 'tools' ? [] : offeredTools(value))),
  ];
};
