import { MESSAGE_SEPARATOR, type Tell, type TurnEvent } from '../gateway/turn.ts';

/** What may be told of a text: the rest must wait, because a stop sequence may have begun in it, or is behind one. */
interface Cut {
  readonly told: string;
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
  if (end !== null) return { told: text.slice(0, end), stopped: true };
  const held = Math.max(...sequences.map((sequence) => overlap(text, sequence)));
  return { told: text.slice(0, text.length - held), stopped: false };
};

type Text = Extract<TurnEvent, { type: 'text' }>;

/**
 * The end of the text that has not been told, by the messages that it is from. The latest one that something has been told of stays,
 * empty when that was all of it, so that the next one is seen to follow. `isStream`: what was told of a message is not taken back
 * when it is given up.
 */
const createWindow = (isStream: boolean) => {
  let pieces: readonly Text[] = [];
  /** Each message that something has been told of, as an empty piece. */
  let begun: readonly Text[] = [];
  return {
    add(event: Text): void {
      const last = pieces.at(-1);
      pieces =
        last?.message === event.message
          ? [...pieces.slice(0, -1), { ...event, delta: last.delta + event.delta }]
          : [...pieces, event];
    },
    text: (): string => pieces.map(({ delta }) => delta).join(MESSAGE_SEPARATOR),
    drop(messages: readonly number[]): void {
      const stays = ({ message }: Text): boolean => !messages.includes(message);
      pieces = pieces.filter(stays);
      if (!isStream) begun = begun.filter(stays);
      const last = begun.at(-1);
      if (last && pieces[0]?.message !== last.message) pieces = [last, ...pieces];
    },
    /** Its first characters, without what stands between messages: whoever joins them puts that there. */
    *take(length: number): Generator<Text> {
      let left = length;
      const all = pieces;
      for (const [index, piece] of all.entries()) {
        const delta = piece.delta.slice(0, left);
        pieces = [{ ...piece, delta: piece.delta.slice(delta.length) }, ...all.slice(index + 1)];
        if (delta) {
          if (begun.at(-1)?.message !== piece.message) begun = [...begun, { ...piece, delta: '' }];
          yield { ...piece, delta };
        }
        left -= piece.delta.length + MESSAGE_SEPARATOR.length;
        if (left <= 0) return;
      }
    },
  };
};

/**
 * Ends an answer at the first of its stop sequences, which is not part of it. The app-server has no such setting: leaving
 * the events early interrupts the turn. A text that may be the beginning of a sequence waits until that is known. The APIs that
 * have stop sequences have one text, so the messages of the turn are looked at as one, with what stands between them: also those
 * given up, where the client has them.
 */
export const cutAtStop = (sequences: readonly string[], isStream: boolean, next: Tell): Tell => {
  if (sequences.length === 0) return next;
  const window = createWindow(isStream);
  return (event) => {
    if (event.type === 'text') {
      window.add(event);
      const { told, stopped } = cut(window.text(), sequences);
      for (const piece of window.take(told.length)) next(piece);
      if (stopped) next({ type: 'done', finishReason: 'stop' });
      return;
    }
    if (event.type === 'given_up') window.drop(event.messages);
    if (event.type !== 'usage') for (const piece of window.take(Number.POSITIVE_INFINITY)) next(piece);
    next(event);
  };
};
