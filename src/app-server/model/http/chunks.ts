import type { TokenUsage } from '../../../app-server-protocol/events.ts';
import type { TurnError } from '../../../app-server-protocol/index.ts';
import { createId } from '../../ids.ts';
import { type Fields, isObject } from '../../rpc/params.ts';
import type { ModelEvent } from '../model.ts';
import { DISCONNECTED, errorOf, incompleteOf } from './errors.ts';

export interface ChunkReader {
  /** What one chunk of the stream says; an event at a time is enough for nobody to wait. */
  readonly read: (chunk: unknown) => ModelEvent[];
  /** What can be said only when all has come: the calls of tools. */
  readonly end: () => ModelEvent[];
  /** Why the answer is none, once the stream has ended: it was cut, or the server ended it early. */
  readonly failure: () => TurnError | undefined;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0);
const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : {});
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

const usageOf = (usage: Fields): TokenUsage => {
  const inputTokens = count(usage.prompt_tokens);
  const outputTokens = count(usage.completion_tokens);
  const details = fieldsOf(usage.prompt_tokens_details);
  return {
    totalTokens: count(usage.total_tokens) || inputTokens + outputTokens,
    inputTokens,
    cachedInputTokens: count(details.cached_tokens),
    cacheWriteInputTokens: count(details.cache_write_tokens),
    outputTokens,
    reasoningOutputTokens: count(fieldsOf(usage.completion_tokens_details).reasoning_tokens),
  };
};

const deltaEvents = (delta: Fields): ModelEvent[] => {
  // Two names for what servers do differently: `reasoning_content` first, `reasoning` after it.
  const reasoning = text(delta.reasoning_content) || text(delta.reasoning);
  // The protocol has no refusals: one is what the model says.
  const said = text(delta.content) + text(delta.refusal);
  return [
    ...(reasoning ? [{ type: 'reasoning' as const, delta: reasoning }] : []),
    ...(said ? [{ type: 'text' as const, delta: said }] : []),
  ];
};

/** Reads `chat.completion.chunk` objects; calls of tools come in pieces, by index. */
export const createChunkReader = (): ChunkReader => {
  const calls = new Map<number, { id: string; name: string; arguments: string }>();
  let finishReason: string | undefined;

  const addCalls = (delta: Fields) => {
    for (const piece of listOf(delta.tool_calls)) {
      const index = count(piece.index);
      const call = calls.get(index) ?? { id: '', name: '', arguments: '' };
      const { name, arguments: part } = fieldsOf(piece.function);
      calls.set(index, {
        id: call.id || text(piece.id),
        name: call.name || text(name),
        arguments: call.arguments + text(part),
      });
    }
  };

  return {
    read(chunk) {
      const fields = fieldsOf(chunk);
      if (isObject(fields.error)) return [{ type: 'failed', error: errorOf(fields, undefined) }];
      const [choice = {}] = listOf(fields.choices);
      const delta = fieldsOf(choice.delta);
      addCalls(delta);
      finishReason ??= text(choice.finish_reason) || undefined;
      const usage: ModelEvent[] = isObject(fields.usage)
        ? [{ type: 'usage', usage: usageOf(fields.usage) }]
        : [];
      return [...deltaEvents(delta), ...usage];
    },
    end: () =>
      [...calls.values()].map((call) => ({
        type: 'tool_call',
        callId: call.id || `call_${createId()}`,
        name: call.name,
        arguments: call.arguments || '{}',
      })),
    failure: () => (finishReason === undefined ? DISCONNECTED : incompleteOf(finishReason)),
  };
};
