import { errorBody } from '../errors.ts';
import { createTextJoiner, type FinishReason, type Turn, type Usage } from '../gateway/turn.ts';
import { answerText } from './answer.ts';
import { DONE, type EncoderDeps, toCompletionUsage } from './completion-shapes.ts';
import { createDeltas, type Encoder, plainFrame } from './encoder.ts';

interface Options {
  readonly includeUsage: boolean;
  /** The prompt, where the client wants it before the answer. */
  readonly echo: string;
}

/** Encodes the answer to one `POST /v1/completions`, the legacy API. It has no tools, so no tool is called. */
export const createCompletionsEncoder = (
  { newId, nowSeconds }: EncoderDeps,
  turn: Turn,
  { includeUsage, echo }: Options,
): Encoder => {
  const head = { id: `cmpl-${newId()}`, object: 'text_completion', created: nowSeconds(), model: turn.model };
  const join = createTextJoiner();
  const body = (text: string, finish_reason: FinishReason | null) => ({
    ...head,
    choices: [{ text, index: 0, logprobs: null, finish_reason }],
  });
  const chunk = (text: string, finish_reason: FinishReason | null) => ({
    ...body(text, finish_reason),
    ...(includeUsage && { usage: null }),
  });
  const usageChunk = (usage: Usage) => ({
    ...head,
    choices: [],
    usage: toCompletionUsage(usage),
  });
  const createDelta = createDeltas('text', (text) => chunk(text, null));
  return {
    open: () => (echo ? [plainFrame(chunk(echo, null))] : []),
    content: (event) => (event.type === 'text' ? [createDelta(join(event))] : []),
    done: (finishReason, usage) => [
      plainFrame(chunk('', finishReason)),
      // As in a chat: a chunk without choices has counts, or there is none.
      ...(includeUsage && usage ? [plainFrame(usageChunk(usage))] : []),
      DONE,
    ],
    failed: (error, ids) => [plainFrame(errorBody(error, ids))],
    whole: (outputs, finishReason, usage) => ({
      ...body(echo + (answerText(outputs) ?? ''), finishReason),
      ...(usage && { usage: toCompletionUsage(usage) }),
    }),
  };
};
