import { USAGE } from './chat.ts';
import { type Asked, CREATED, piecesOf, type Said } from './script.ts';

export type CompletionsBody = {
  model: string;
  prompt: string;
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
};

export const readCompletions = ({ model, prompt, stream = false }: CompletionsBody): Asked => ({
  ...{ model, prompt, stream },
  outputs: 0,
  tools: [],
});

/** This API knows no calls: its scripts say texts. */
const textOfSaid = (said: Said): string => (said.do === 'message' ? said.text : '');

const headOf = ({ model }: CompletionsBody, id: string) => ({
  id: `cmpl-${id}`,
  object: 'text_completion',
  created: CREATED,
  model,
});

const choiceOf = (text: string, finish_reason: string | null) => ({
  index: 0,
  text,
  logprobs: null,
  finish_reason,
});

export const completionsAnswer = (body: CompletionsBody, said: Said, id: string): object => ({
  ...headOf(body, id),
  choices: [choiceOf(textOfSaid(said), 'stop')],
  usage: USAGE,
});

/** The chunks of a streamed answer, usage among them where it is asked for. */
export const completionsChunks = (body: CompletionsBody, said: Said, id: string): object[] => {
  const chunk = (text: string, finish_reason: string | null = null) => ({
    ...headOf(body, id),
    choices: [choiceOf(text, finish_reason)],
  });
  const asksUsage = body.stream_options?.include_usage === true;
  return [
    ...piecesOf(textOfSaid(said)).map((piece) => chunk(piece)),
    chunk('', 'stop'),
    ...(asksUsage ? [{ ...headOf(body, id), choices: [], usage: USAGE }] : []),
  ];
};
