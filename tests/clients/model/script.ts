import { type Reply, SCRIPTS, type Step } from '../../support/model-scripts.ts';

/** One request, whatever its API: what the user asked last, and how many tools have answered since. */
export type Asked = {
  model: string;
  prompt: string;
  outputs: number;
  stream: boolean;
  /** The names of the tools that are offered. */
  tools: readonly string[];
};

export type Said = Extract<Step, { do: 'message' | 'call' }>;

/** What the model answers: a text, a call of a tool, or an error with a status. */
export type Answer = { kind: 'said'; said: Said } | { kind: 'error'; status: number; body: object };

const errorOf = (status: number, code: string, message: string): Answer => ({
  kind: 'error',
  status,
  body: { error: { message, type: 'invalid_request_error', param: null, code } },
});

const isSaid = (step: Step | undefined): step is Said => step?.do === 'message' || step?.do === 'call';

/** What the marker in the prompt asks for. A tool that is to be called must be offered, as it must for a real model. */
export const answerOf = ({ prompt, outputs, tools }: Asked): Answer => {
  const marker = prompt.match(/\[\[([a-z-]+)\]\]/)?.[1];
  const script: readonly Reply[] | undefined = marker === undefined ? undefined : SCRIPTS[marker];
  const reply = script?.[outputs] ?? script?.at(-1);
  if (reply === undefined) return errorOf(400, 'bad_script', `no script in ${JSON.stringify(prompt)}`);
  if ('status' in reply) return errorOf(reply.status, reply.code, reply.message);
  const [said] = reply.steps;
  if (!isSaid(said)) return errorOf(400, 'bad_script', `[[${marker}]] is not for this server`);
  if (said.do === 'call' && !tools.includes(said.name))
    return errorOf(400, 'bad_script', `the tool ${said.name} is not offered`);
  return { kind: 'said', said };
};

/** The pieces in which a text, or a call's arguments, are streamed. */
export const piecesOf = (text: string): readonly string[] => text.match(/.{1,6}/gsu) ?? [];

export const argumentsOf = (said: Extract<Said, { do: 'call' }>): string =>
  typeof said.arguments === 'string' ? said.arguments : JSON.stringify(said.arguments);

type Parts = string | readonly { text?: string }[] | null | undefined;

export const textOf = (content: Parts): string =>
  typeof content === 'string' ? content : (content ?? []).map(({ text }) => text ?? '').join('');

export const CREATED = 1_700_000_000;
export const [INPUT_TOKENS, OUTPUT_TOKENS] = [50, 9];
