import { createEncoders } from '../../src/egress/create-encoder.ts';
import type { Encoder, Frame } from '../../src/egress/encoder.ts';
import type { ContentEvent, FinishReason, ResponsesEcho, Turn } from '../../src/gateway/turn.ts';
import { aTurn, aUsage } from './fake-exchange.ts';
import { valueIn } from './frames.ts';

/** A frame of the Responses API, as a client reads it. */
export type WireEvent = { type: string; sequence_number: number } & Record<string, unknown>;

export const anEcho: ResponsesEcho = {
  instructions: null,
  metadata: {},
  tools: [],
  toolChoice: 'auto',
  parallelToolCalls: true,
  format: { type: 'text' },
};

export const responsesEncoder = (turn: Partial<Turn> = {}, echo: Partial<ResponsesEcho> = {}): Encoder =>
  createEncoders({ newId: () => 'abc', nowSeconds: () => 1_795_000_000 })(
    aTurn({ answer: { api: 'responses', echo: { ...anEcho, ...echo } }, ...turn }),
  );

export const wireOf = (frames: readonly Frame[]): WireEvent[] =>
  frames.map((frame) => valueIn(frame) as WireEvent);

export type WireResponse = { output: { id: string; content: { text: string }[] }[] } & Record<
  string,
  unknown
>;

/** The response that the last frame holds. */
export const lastResponse = (frames: readonly Frame[]): WireResponse =>
  wireOf(frames.slice(-1))[0]?.['response'] as WireResponse;

/** The frames of a whole stream, encoded in the order in which the egress encodes them: the opening first. */
export const streamOf = (
  encoder: Encoder,
  events: readonly ContentEvent[],
  finishReason: FinishReason = 'stop',
): Frame[] => [...encoder.open(), ...events.flatMap(encoder.content), ...encoder.done(finishReason, aUsage)];

export const reasoning = (delta: string, part = 0): ContentEvent => ({ type: 'reasoning', delta, part });

export const weatherCall = (callId = 'call_1'): ContentEvent & { type: 'tool_call' } => ({
  type: 'tool_call',
  callId,
  name: 'weather',
  arguments: '{"city":"Oslo"}',
});
