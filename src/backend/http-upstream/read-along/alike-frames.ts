import { isMembers, type Members, parsedJson } from '../json-shapes.ts';
import { hideLogprobs, type TextSlot, textSlotsOf } from './text-slots.ts';

/**
 * Most frames of a stream differ from the one before in one text, and in a number or a padding at most. Where such a frame told nothing
 * but its text, another one with the same bytes around these places tells nothing else either, and is not parsed.
 */
export interface AlikeFrames {
  /** The frame that begins at `from`, if it is whole in this read and like the one that was learned; `end`: where the next one begins. */
  at(read: Uint8Array, from: number): (AlikeFrame & { readonly end: number }) | null;
  /** Learns a frame whose only news is one text. Call before the text is replaced in the event. */
  learn(name: string | null, data: string, event: Members, slots: readonly TextSlot[]): void;
}

/** A frame that is known but for its text: its data is `before`, the delta as a JSON string, and `after`. */
export interface AlikeFrame {
  /** The key of the text. */
  readonly of: string;
  readonly before: string;
  readonly delta: string;
  readonly after: string;
  /** Its `sequence_number`. */
  readonly number: number | null;
}

/** A place in which frames differ. `padding`: a member `obfuscation`, with which some servers hide the length of the text. */
interface Hole {
  readonly kind: 'text' | 'number' | 'padding';
  readonly start: number;
  readonly end: number;
}

interface Template {
  readonly of: string;
  readonly holes: readonly Hole['kind'][];
  /** Around the holes, as the frame has them, and the same as parts of its data. */
  readonly bytes: readonly Uint8Array[];
  readonly parts: readonly string[];
}

/** Longer frames are read the whole way. */
const MAX_CHARS = 4096;
/** After so many frames that were learned in vain the stream is not of one kind. */
const MAX_VAIN = 8;
/** How often a delta is looked for, if its text stands elsewhere in the frame as well. */
const MAX_TRIES = 4;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
const [ZERO, NINE] = [0x30, 0x39];
const MAX_DIGITS = 15;

const NUMBER = /"sequence_number"\s*:\s*(\d{1,15})(?=\s*[,}])/;
const PADDING = /"obfuscation"\s*:\s*"([^"\\]*)"/;
/** What stands in the holes while a template is checked. */
const PROBES = { text: 'probe', number: '7', padding: 'probing' } as const;

const holeOf = (kind: Hole['kind'], found: RegExpExecArray | null): readonly Hole[] => {
  const [all, inner] = found ?? [];
  if (!found || all === undefined || inner === undefined) return [];
  const start = found.index + all.lastIndexOf(inner === '' ? '"' : inner);
  return [{ kind, start, end: start + inner.length }];
};

/** Where the literal of a text stands in the data, without its quotes. */
const placesOf = (data: string, text: string): readonly Hole[] => {
  const literal = JSON.stringify(text);
  const places: Hole[] = [];
  for (let at = data.indexOf(literal); at !== -1; at = data.indexOf(literal, at + 1)) {
    if (places.push({ kind: 'text', start: at + 1, end: at + literal.length - 1 }) === MAX_TRIES) break;
  }
  return places;
};

/** The parts of the data between the holes; null if these overlap. */
const partsOf = (data: string, holes: readonly Hole[]): readonly string[] | null => {
  const bounds = [0, ...holes.flatMap(({ start, end }) => [start, end]), data.length];
  if (bounds.some((bound, index) => bound < (bounds[index - 1] ?? 0))) return null;
  return Array.from({ length: holes.length + 1 }, (_, index) =>
    data.slice(bounds[2 * index], bounds[2 * index + 1]),
  );
};

const filled = (parts: readonly string[], holes: readonly Hole[]): string =>
  parts.map((part, index) => part + (holes[index] ? PROBES[holes[index].kind] : '')).join('');

/** Whether other values in the holes make the same event but for these values. */
const holds = (parts: readonly string[], holes: readonly Hole[], event: Members, slot: TextSlot): boolean => {
  const probe = parsedJson(filled(parts, holes));
  if (!isMembers(probe)) return false;
  const [found, another] = textSlotsOf(probe);
  if (!found || another || found.of !== slot.of || found.text !== PROBES.text) return false;
  found.replace(slot.text);
  for (const { kind } of holes) {
    if (kind === 'number') probe['sequence_number'] = event['sequence_number'];
    if (kind === 'padding') probe['obfuscation'] = event['obfuscation'];
  }
  // Of what is hidden from events nothing may be in the template.
  hideLogprobs(probe);
  return JSON.stringify(probe) === JSON.stringify(event);
};

const isIn = (read: Uint8Array, from: number, bytes: Uint8Array): boolean => {
  if (from + bytes.length > read.length) return false;
  for (let at = 0; at < bytes.length; at++) if (read[from + at] !== bytes[at]) return false;
  return true;
};

/** The end of what stands in a hole, or -1 if it is nothing that may stand there. */
const endOf = (kind: Hole['kind'], read: Uint8Array, from: number): number => {
  const limit = Math.min(read.length, from + MAX_CHARS);
  let at = from;
  if (kind === 'number') {
    for (let digit = read[at]; digit !== undefined && digit >= ZERO && digit <= NINE; digit = read[at]) at++;
    const isOne = at > from && at - from <= MAX_DIGITS && (read[from] !== ZERO || at === from + 1);
    return isOne ? at : -1;
  }
  for (; at < limit; at++) {
    const byte = read[at] ?? 0;
    if (byte === QUOTE) return at;
    if (byte < FIRST_PRINTABLE) return -1;
    if (byte === BACKSLASH) {
      if (kind === 'padding') return -1;
      at++;
    }
  }
  return -1;
};

/** The text of a JSON string; null if it is none. */
const unescaped = (literal: string): string | null => {
  if (!literal.includes('\\')) return literal;
  const text = parsedJson(`"${literal}"`);
  return typeof text === 'string' ? text : null;
};

const matched = ({ of, holes, bytes, parts }: Template, read: Uint8Array, from: number) => {
  const buffer = Buffer.isBuffer(read) ? read : Buffer.from(read.buffer, read.byteOffset, read.byteLength);
  let at = from;
  let data = parts[0] ?? '';
  let before = '';
  let delta: string | null = null;
  let number: number | null = null;
  for (let index = 0; index < bytes.length; index++) {
    const piece = bytes[index] as Uint8Array;
    if (!isIn(read, at, piece)) return null;
    at += piece.length;
    const kind = holes[index];
    if (kind === undefined) break;
    const end = endOf(kind, read, at);
    if (end === -1) return null;
    const inner = buffer.toString('utf8', at, end);
    const next = parts[index + 1] ?? '';
    if (kind === 'text') {
      delta = unescaped(inner);
      if (!delta) return null;
      before = data;
      data = next;
    } else {
      if (kind === 'number') number = Number(inner);
      data = data + inner + next;
    }
    at = end;
  }
  // The quotes are those of the delta.
  return { of, before: before.slice(0, -1), delta: delta ?? '', after: data.slice(1), number, end: at };
};

const templateOf = (name: string | null, data: string, event: Members, slot: TextSlot): Template | null => {
  const others = [
    ...(event['sequence_number'] === undefined ? [] : holeOf('number', NUMBER.exec(data))),
    ...(event['obfuscation'] === undefined ? [] : holeOf('padding', PADDING.exec(data))),
  ];
  for (const place of placesOf(data, slot.text)) {
    const holes = [place, ...others].sort((a, b) => a.start - b.start);
    const parts = partsOf(data, holes);
    if (!parts || !holds(parts, holes, event, slot)) continue;
    // A server that spells its frames otherwise sends none that are like this one.
    const head = name === null ? 'data: ' : `event: ${name}\ndata: `;
    const last = parts.length - 1;
    const bytes = parts.map((part, index) =>
      Buffer.from((index === 0 ? head : '') + part + (index === last ? '\n\n' : '')),
    );
    return { of: slot.of, holes: holes.map(({ kind }) => kind), bytes, parts };
  }
  return null;
};

export const createAlikeFrames = (): AlikeFrames => {
  let template: Template | null = null;
  let vain = 0;
  return {
    at(read, from) {
      if (!template) return null;
      const frame = matched(template, read, from);
      if (frame) vain = 0;
      return frame;
    },
    learn(name, data, event, [slot, another]) {
      const isShort = data.length <= MAX_CHARS && !data.includes('\n');
      if (!slot || another || !isShort || vain >= MAX_VAIN) return;
      vain++;
      template = templateOf(name, data, event, slot) ?? template;
    },
  };
};
