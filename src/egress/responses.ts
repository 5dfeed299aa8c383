import type { ContentEvent, ResponsesEcho, Turn } from '../gateway/turn.ts';
import type { EncoderDeps } from './completion-shapes.ts';
import type { Encoder, Frame } from './encoder.ts';
import { callFrames } from './responses-calls.ts';
import {
  createEventFrames,
  createMessageWriter,
  createReasoningWriter,
  type ItemWriter,
} from './responses-events.ts';
import { type ItemStatus, type OutputItem, toOutputItems } from './responses-items.ts';
import { createResponseShape, lastItemStatus, toEnding } from './responses-shapes.ts';
import { createFormOf, type FormOf } from './tool-forms.ts';

const OPENING = ['response.created', 'response.in_progress'];

/**
 * The items of one stream: each is closed before the next begins. A backend that goes back to a message which is
 * closed already continues it as a new item, since nothing may be added to an item that is done.
 */
const createOutput = (responseId: string, formOf: FormOf) => {
  const frames = createEventFrames();
  const finished: OutputItem[] = [];
  let growing: ItemWriter | null = null;

  const close = (status: ItemStatus): Frame[] => {
    if (!growing) return [];
    const closing = growing.close(status);
    finished.push(growing.item(status));
    growing = null;
    return closing;
  };

  const grow = (event: Extract<ContentEvent, { type: 'text' | 'reasoning' }>): Frame[] => {
    const part = event.type === 'text' ? 0 : event.part;
    if (growing?.continues(event)) return growing.take(event.delta, part);
    const closing = close('completed');
    const place = { responseId, index: finished.length };
    growing =
      event.type === 'text'
        ? createMessageWriter(frames, place, event)
        : createReasoningWriter(frames, place);
    return [...closing, ...growing.open(), ...growing.take(event.delta, part)];
  };

  return {
    frames,
    close,
    take(event: ContentEvent): Frame[] {
      if (event.type === 'given_up') return growing?.isAmong(event) ? close('incomplete') : [];
      if (event.type !== 'tool_call') return grow(event);
      const closing = close('completed');
      const place = { responseId, index: finished.length };
      const call = callFrames(frames, place, event, formOf(event.name));
      finished.push(call.item);
      return [...closing, ...call.frames];
    },
    /** What there is so far; an item that has not been closed is incomplete. */
    items: (): OutputItem[] => (growing ? [...finished, growing.item('incomplete')] : [...finished]),
  };
};

/** Encodes the answer to one `POST /v1/responses`. Its terminal frame is `response.completed` or `response.incomplete`. */
export const createResponsesEncoder = (
  { newId, nowSeconds }: EncoderDeps,
  turn: Turn,
  echo: ResponsesEcho,
): Encoder => {
  const responseId = newId();
  const shape = createResponseShape({ id: `resp_${responseId}`, created_at: nowSeconds() }, turn, echo);
  const formOf = createFormOf(turn.tools);
  const output = createOutput(responseId, formOf);
  const { event } = output.frames;
  return {
    open: () => OPENING.map((type) => event(type, { response: shape.begun() })),
    content: output.take,
    done(finishReason, usage) {
      const ending = toEnding(finishReason);
      const closing = output.close(lastItemStatus(ending));
      const response = shape.ended(ending, output.items(), usage, nowSeconds());
      return [...closing, event(`response.${ending.status}`, { response }, true)];
    },
    failed: (error, ids, usage) => [
      event('response.failed', { response: shape.failed(error, ids, output.items(), usage) }),
    ],
    whole(outputs, finishReason, usage) {
      const ending = toEnding(finishReason);
      const items = toOutputItems(outputs, formOf, responseId, lastItemStatus(ending));
      return shape.ended(ending, items, usage, nowSeconds());
    },
  };
};
