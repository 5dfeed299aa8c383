import type { ContentEvent } from '../gateway/turn.ts';
import { deltaFrame, type Frame, plainFrame } from './encoder.ts';
import {
  type ItemStatus,
  itemId,
  messageItem,
  type OutputItem,
  outputText,
  reasoningItem,
  summaryText,
} from './responses-items.ts';

/** Makes frames of one stream: each has its type as its SSE name, and the next `sequence_number`. */
export interface EventFrames {
  event(type: string, body: object, terminal?: boolean): Frame;
  /** `of` names the text that `text` continues. */
  delta(type: string, body: object, of: string, text: string): Frame;
}

export const createEventFrames = (): EventFrames => {
  let next = 0;
  return {
    event: (type, body, terminal = false) =>
      plainFrame({ type, sequence_number: next++, ...body }, type, terminal),
    delta(type, body, of, text) {
      const head = { type, sequence_number: next++, ...body };
      return deltaFrame((delta) => ({ ...head, delta }), { of, text }, type);
    },
  };
};

type GivenUp = Extract<ContentEvent, { type: 'given_up' }>;

/** An item that grows by deltas. */
export interface ItemWriter {
  open(): Frame[];
  /** Whether what the event says belongs to this item. */
  continues(event: ContentEvent): boolean;
  /** Whether this item is one that will never be finished. */
  isAmong(givenUp: GivenUp): boolean;
  take(delta: string, part: number): Frame[];
  close(status: ItemStatus): Frame[];
  item(status: ItemStatus): OutputItem;
}

/** Where an item stands: the response's own id part, and the item's place in the output. */
export interface ItemPlace {
  readonly responseId: string;
  readonly index: number;
}

export const createMessageWriter = (
  { event, delta: deltaOf }: EventFrames,
  { responseId, index: output_index }: ItemPlace,
  { message, phase }: Extract<ContentEvent, { type: 'text' }>,
): ItemWriter => {
  const id = itemId('msg', responseId, output_index);
  const place = { item_id: id, output_index, content_index: 0 };
  const deltas: string[] = [];
  const item = (status: ItemStatus) => messageItem(id, status, deltas.join(''), phase);
  return {
    item,
    open: () => [
      event('response.output_item.added', {
        output_index,
        item: messageItem(id, 'in_progress', null, phase),
      }),
      event('response.content_part.added', { ...place, part: outputText('') }),
    ],
    continues: (content) => content.type === 'text' && content.message === message,
    isAmong: ({ messages }) => messages.includes(message),
    take(delta) {
      deltas.push(delta);
      return [deltaOf('response.output_text.delta', { ...place, logprobs: [] }, id, delta)];
    },
    close(status) {
      const text = deltas.join('');
      return [
        event('response.output_text.done', { ...place, logprobs: [], text }),
        event('response.content_part.done', { ...place, part: outputText(text) }),
        event('response.output_item.done', { output_index, item: item(status) }),
      ];
    },
  };
};

/** A summary that grows; `part` is the turn's own number for it. */
interface Summary {
  readonly part: number;
  readonly deltas: string[];
}

export const createReasoningWriter = (
  { event, delta: deltaOf }: EventFrames,
  { responseId, index: output_index }: ItemPlace,
): ItemWriter => {
  const id = itemId('rs', responseId, output_index);
  const summaries: Summary[] = [];
  const item = (status: ItemStatus) =>
    reasoningItem(
      id,
      status,
      summaries.map(({ deltas }) => deltas.join('')),
    );
  const place = () => ({ item_id: id, output_index, summary_index: summaries.length - 1 });

  const closeSummary = (): Frame[] => {
    const last = summaries.at(-1);
    if (!last) return [];
    const text = last.deltas.join('');
    return [
      event('response.reasoning_summary_text.done', { ...place(), text }),
      event('response.reasoning_summary_part.done', { ...place(), part: summaryText(text) }),
    ];
  };

  const openSummary = (part: number): Frame[] => {
    const closing = closeSummary();
    summaries.push({ part, deltas: [] });
    return [
      ...closing,
      event('response.reasoning_summary_part.added', { ...place(), part: summaryText('') }),
    ];
  };

  return {
    item,
    open: () => [
      event('response.output_item.added', { output_index, item: reasoningItem(id, 'in_progress', []) }),
    ],
    continues: (content) => content.type === 'reasoning',
    isAmong: ({ parts }) => summaries.some(({ part }) => parts.includes(part)),
    take(delta, part) {
      const opening = summaries.at(-1)?.part === part ? [] : openSummary(part);
      summaries.at(-1)?.deltas.push(delta);
      const of = `${id} ${summaries.length - 1}`;
      return [...opening, deltaOf('response.reasoning_summary_text.delta', place(), of, delta)];
    },
    close: (status) => [
      ...closeSummary(),
      event('response.output_item.done', { output_index, item: item(status) }),
    ],
  };
};
