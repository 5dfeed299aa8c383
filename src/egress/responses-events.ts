import type { ContentEvent } from '../gateway/turn.ts';
import { around, type Frame, plainFrame } from './encoder.ts';
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
  /** Makes the frames of one text, which `of` names. */
  deltas(type: string, body: object, of: string): (delta: string) => Frame;
}

export const createEventFrames = (): EventFrames => {
  let next = 0;
  return {
    event: (type, body, terminal = false) =>
      plainFrame({ type, sequence_number: next++, ...body }, type, terminal),
    deltas(type, body, of) {
      const numbered = `{"type":${JSON.stringify(type)},"sequence_number":`;
      const { before, after } = around((delta) => ({ ...body, delta }));
      const behind = `,${before.slice(1)}`;
      return (delta) => ({
        type: 'delta',
        event: type,
        of,
        before: numbered + next++ + behind,
        delta,
        after,
      });
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
  { event, deltas: deltasOf }: EventFrames,
  { responseId, index: output_index }: ItemPlace,
  { message, phase }: Extract<ContentEvent, { type: 'text' }>,
): ItemWriter => {
  const id = itemId('msg', responseId, output_index);
  const place = { item_id: id, output_index, content_index: 0 };
  const deltas: string[] = [];
  const frameOf = deltasOf('response.output_text.delta', { ...place, logprobs: [] }, id);
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
      return [frameOf(delta)];
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
  readonly frameOf: (delta: string) => Frame;
}

export const createReasoningWriter = (
  { event, deltas: deltasOf }: EventFrames,
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
    const summary_index = summaries.length;
    const type = 'response.reasoning_summary_text.delta';
    const body = { item_id: id, output_index, summary_index };
    summaries.push({ part, deltas: [], frameOf: deltasOf(type, body, `${id} ${summary_index}`) });
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
      const summary = summaries.at(-1);
      summary?.deltas.push(delta);
      return [...opening, ...(summary ? [summary.frameOf(delta)] : [])];
    },
    close: (status) => [
      ...closeSummary(),
      event('response.output_item.done', { output_index, item: item(status) }),
    ],
  };
};
