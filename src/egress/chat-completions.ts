import type { FinishReason, Usage } from '../gateway/turn.ts';
import type { CreateEncoder, Frame } from './encoder.ts';

/** Usage as the Chat Completions API counts it. */
const toWire = (usage: Usage) => ({
  prompt_tokens: usage.input_tokens,
  completion_tokens: usage.output_tokens,
  total_tokens: usage.total_tokens,
  prompt_tokens_details: { cached_tokens: usage.cached_input_tokens },
  completion_tokens_details: { reasoning_tokens: usage.reasoning_output_tokens },
});

interface Delta {
  readonly role?: 'assistant';
  readonly content?: string;
}

const frame = (shape: (text: string) => unknown, text: string): Frame => ({
  data: JSON.stringify(shape(text)),
  show: shape,
  text,
  terminal: false,
});

const DONE: Frame = { data: '[DONE]', show: () => '[DONE]', text: '', terminal: true };

/** Encodes answers of `POST /v1/chat/completions`. `newId` gives the random part of the completion's id. */
export const createChatEncoder =
  (newId: () => string, nowSeconds: () => number): CreateEncoder =>
  (turn) => {
    const head = { id: `chatcmpl-${newId()}`, created: nowSeconds(), model: turn.model };
    const chunk = (delta: Delta, finish_reason: FinishReason | null) => ({
      ...head,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...(turn.includeUsage && { usage: null }),
    });
    const usageChunk = (usage: Usage | null) => ({
      ...head,
      object: 'chat.completion.chunk',
      choices: [],
      usage: usage && toWire(usage),
    });
    return {
      open: () => [frame(() => chunk({ role: 'assistant', content: '' }, null), '')],
      text: (delta) => [frame((content) => chunk({ content }, null), delta)],
      done: (finishReason, usage) => [
        frame(() => chunk({}, finishReason), ''),
        ...(turn.includeUsage ? [frame(() => usageChunk(usage), '')] : []),
        DONE,
      ],
      failed: (body) => [frame(() => body, '')],
      whole: (content, finish_reason, usage) => ({
        ...head,
        object: 'chat.completion',
        choices: [
          { index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason },
        ],
        ...(usage && { usage: toWire(usage) }),
      }),
    };
  };
