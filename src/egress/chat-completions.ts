import { errorBody } from '../errors.ts';
import {
  createTextJoiner,
  type FinishReason,
  type ToolCall,
  type ToolForm,
  type Turn,
  type Usage,
} from '../gateway/turn.ts';
import { answerText, type Output, toolCallsOf } from './answer.ts';
import { DONE, type EncoderDeps, toCompletionUsage } from './completion-shapes.ts';
import { createDeltas, type Encoder, type Frame, plainFrame } from './encoder.ts';
import { createFormOf, type FormOf, freeInput } from './tool-forms.ts';

interface ToolCallDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function' | 'custom';
  readonly function?: { readonly name?: string; readonly arguments: string };
  readonly custom?: { readonly name?: string; readonly input: string };
}

interface Delta {
  readonly role?: 'assistant';
  readonly content?: string | null;
  readonly tool_calls?: readonly ToolCallDelta[];
}

/** Builds the chunks of one stream: `ChatCompletionChunk` of the API. */
const createChunks = (head: object, includeUsage: boolean) => {
  const object = 'chat.completion.chunk';
  return {
    chunk: (delta: Delta, finish_reason: FinishReason | null) => ({
      ...head,
      object,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...(includeUsage && { usage: null }),
    }),
    usageChunk: (usage: Usage) => ({
      ...head,
      object,
      choices: [],
      usage: toCompletionUsage(usage),
    }),
  };
};

/** The id and the name first, then the arguments, which the app-server gives whole. */
const callDeltas = (call: ToolCall, index: number, form: ToolForm | undefined): ToolCallDelta[] => {
  const { callId: id, name } = call;
  return form?.type === 'custom'
    ? [
        { index, id, type: 'custom', custom: { name, input: '' } },
        { index, custom: { input: freeInput(call) } },
      ]
    : [
        { index, id, type: 'function', function: { name, arguments: '' } },
        { index, function: { arguments: call.arguments } },
      ];
};

/** `ChatCompletionMessage` of the API. */
const toMessage = (outputs: readonly Output[], formOf: FormOf) => {
  const tool_calls = toolCallsOf(outputs).map((call) => {
    const { callId: id, name, arguments: args } = call;
    return formOf(name)?.type === 'custom'
      ? { id, type: 'custom', custom: { name, input: freeInput(call) } }
      : { id, type: 'function', function: { name, arguments: args } };
  });
  const content = answerText(outputs) ?? (tool_calls.length > 0 ? null : '');
  return { role: 'assistant', content, refusal: null, ...(tool_calls.length > 0 && { tool_calls }) };
};

/** Encodes the answer to one `POST /v1/chat/completions`. */
export const createChatEncoder = (
  { newId, nowSeconds }: EncoderDeps,
  turn: Turn,
  includeUsage: boolean,
): Encoder => {
  const head = { id: `chatcmpl-${newId()}`, created: nowSeconds(), model: turn.model };
  const { chunk, usageChunk } = createChunks(head, includeUsage);
  const join = createTextJoiner();
  const formOf = createFormOf(turn.tools);
  const createDelta = createDeltas('text', (content) => chunk({ content }, null));
  let calls = 0;
  let begun = false;

  /** The role, with what comes first: no content where that is a call, as in a whole answer. */
  const begin = (content: '' | null): Frame[] => {
    if (begun) return [];
    begun = true;
    return [plainFrame(chunk({ role: 'assistant', content }, null))];
  };

  const toolCall = (call: ToolCall): Frame[] =>
    callDeltas(call, calls++, formOf(call.name)).map((step) =>
      plainFrame(chunk({ tool_calls: [step] }, null)),
    );

  return {
    open: () => [],
    content(event) {
      switch (event.type) {
        case 'text':
          return [...begin(''), createDelta(join(event))];
        case 'tool_call':
          return [...begin(null), ...toolCall(event)];
        case 'reasoning':
        // What was sent cannot be taken back.
        case 'given_up':
          return [];
      }
    },
    done: (finishReason, usage) => [
      ...begin(''),
      plainFrame(chunk({}, finishReason)),
      // Clients read the counts of a chunk that has no choices: without counts there is none.
      ...(includeUsage && usage ? [plainFrame(usageChunk(usage))] : []),
      DONE,
    ],
    failed: (error, ids) => [plainFrame(errorBody(error, ids))],
    whole(outputs, finish_reason, usage) {
      const message = toMessage(outputs, formOf);
      return {
        ...head,
        object: 'chat.completion',
        choices: [{ index: 0, message, logprobs: null, finish_reason }],
        ...(usage && { usage: toCompletionUsage(usage) }),
      };
    },
  };
};
