import { createTextJoiner, type TurnEvent } from '../gateway/turn.ts';

/** What may be told of a text, and what must wait because a stop sequence may have begun in it. */
interface Cut {
  readonly told: string;
  readonly held: string;
  readonly stopped: boolean;
}

/** How much of the end of `text` could be the beginning of `sequence`. */
const overlap = (text: string, sequence: string): number => {
  for (let length = Math.min(text.length, sequence.length - 1); length > 0; length--) {
    if (text.endsWith(sequence.slice(0, length))) return length;
  }
  return 0;
};

/**
 * Where the answer ends: before the sequence that is complete first, and before the longest one where two are complete at once. By
 * where they begin, the cut would depend on how the text is split.
 */
const endOf = (text: string, sequences: readonly string[]): number | null => {
  let end = Number.POSITIVE_INFINITY;
  let start: number | null = null;
  for (const sequence of sequences) {
    const at = text.indexOf(sequence);
    if (at < 0 || at + sequence.length > end) continue;
    start = at + sequence.length < end || start === null ? at : Math.min(start, at);
    end = at + sequence.length;
  }
  return start;
};

const cut = (text: string, sequences: readonly string[]): Cut => {
  const end = endOf(text, sequences);
  if (end !== null) return { told: text.slice(0, end), held: '', stopped: true };
  const held = Math.max(...sequences.map((sequence) => overlap(text, sequence)));
  return { told: text.slice(0, text.length - held), held: text.slice(text.length - held), stopped: false };
};

/**
 * Ends an answer at the first of its stop sequences, which is not part of it. The app-server has no such setting: leaving
 * the events early interrupts the turn. A text that may be the beginning of a sequence waits until that is known. The APIs that
 * have stop sequences have one text, so the messages of the turn become one here, with what stands between them.
 */
export async function* cutAtStop(
  events: AsyncIterable<TurnEvent>,
  sequences: readonly string[],
): AsyncGenerator<TurnEvent> {
  if (sequences.length === 0) return yield* events;
  let held = '';
  const join = createTextJoiner();
  const text = (delta: string): TurnEvent => ({ type: 'text', delta, message: 0 });
  for await (const event of events) {
    if (event.type !== 'text') {
      if (event.type !== 'usage' && held) {
        yield text(held);
        held = '';
      }
      yield event;
      continue;
    }
    const next = cut(held + join(event), sequences);
    held = next.held;
    if (next.told) yield text(next.told);
    if (next.stopped) return yield { type: 'done', finishReason: 'stop' };
  }
}
