import type { ToolCall } from '../../../gateway/turn.ts';
import { asWords, itemsOf, jsonOf, membersOf } from '../json-shapes.ts';

/** How many calls of one answer are kept, and how much of their arguments in all. The rest is not recorded. */
const MAX_CALLS = 1024;
const MAX_CALL_CHARS = 4 * 1024 * 1024;

interface GrowingCall {
  callId: string;
  name: string;
  readonly pieces: string[];
}

interface CallPiece {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

/** Arguments as the model wrote them. Some servers send an object instead of text. */
const argumentsOf = (value: unknown): string =>
  value === undefined || value === null || typeof value === 'string' ? asWords(value) : jsonOf(value);

const pieceOf = (value: unknown): CallPiece => {
  const members = membersOf(value);
  const told = membersOf(members['function'] ?? members['custom'] ?? members);
  return {
    id: asWords(members['id']),
    name: asWords(told['name']),
    text: argumentsOf(told['arguments'] ?? told['input']),
  };
};

/** Whether a piece begins another call. Some servers repeat the name, or the id, in each piece of one call. */
const isAnother = (call: GrowingCall, { id, name }: CallPiece): boolean => {
  if (name === '') return false;
  if (id !== '') return id !== call.callId;
  return name !== call.name && call.pieces.length > 0;
};

/** Joins the calls of one answer from their pieces, even if these have no index or id. */
export interface CallReader {
  /** Takes the `tool_calls` of a chunk or a message. True if they hold a call. */
  take(choice: number, pieces: unknown): boolean;
  /** Adds a whole call, once for each id. */
  add(id: string, name: string, given: unknown): void;
  readonly calls: readonly ToolCall[];
  /** How many pieces and calls were taken. */
  readonly taken: number;
}

export const createCallReader = (): CallReader => {
  const calls: GrowingCall[] = [];
  /** The last call of each index of each choice. */
  const last = new Map<string, GrowingCall>();
  const whole = new Set<string>();
  let chars = 0;
  let taken = 0;

  const begin = (piece: Pick<CallPiece, 'id' | 'name'>): GrowingCall => {
    const call = { callId: piece.id, name: piece.name, pieces: [] };
    if (calls.length < MAX_CALLS) calls.push(call);
    return call;
  };

  const grow = (call: GrowingCall, text: string): void => {
    chars += text.length;
    if (text !== '' && chars <= MAX_CALL_CHARS) call.pieces.push(text);
  };

  const takePiece = (key: string, piece: CallPiece): void => {
    const before = last.get(key);
    const call = !before || isAnother(before, piece) ? begin(piece) : before;
    if (last.size < MAX_CALLS) last.set(key, call);
    call.callId ||= piece.id;
    call.name ||= piece.name;
    grow(call, piece.text);
  };

  return {
    take(choice, pieces) {
      let found = false;
      for (const [position, value] of itemsOf(pieces).entries()) {
        const piece = pieceOf(value);
        if (piece.id === '' && piece.name === '' && piece.text === '') continue;
        const { index } = membersOf(value);
        takePiece(`${choice}.${typeof index === 'number' ? index : position}`, piece);
        found = true;
        taken++;
      }
      return found;
    },
    add(id, name, given) {
      taken++;
      const key = id || `${name} ${whole.size}`;
      if (whole.has(key) || whole.size >= MAX_CALLS) return;
      whole.add(key);
      grow(begin({ id, name }), argumentsOf(given));
    },
    get taken() {
      return taken;
    },
    get calls() {
      return calls.map(({ callId, name, pieces }) => ({ callId, name, arguments: pieces.join('') }));
    },
  };
};
