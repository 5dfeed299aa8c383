import type { Payload, TraceSpan } from '../../../gateway/ports.ts';
import type { Api, RelayFrame } from '../../../gateway/relay.ts';
import type { Pace } from '../../../pace.ts';
import { isMembers, type Members } from '../json-shapes.ts';
import { type AlikeFrame, type AlikeFrames, createAlikeFrames } from './alike-frames.ts';
import type { AnswerFacts } from './answer-facts.ts';
import { createAnswerReader } from './answer-reader.ts';
import { createFrameRelease } from './frame-release.ts';
import { createFrameSplitter, type PlacedFrame, type SseFrame } from './frames.ts';
import { type ParsedData, parseData } from './parse-data.ts';
import { createShownTexts, showWhole } from './shown-texts.ts';
import { textSlotsOf } from './text-slots.ts';

/** How long to read on after the last frame, in milliseconds: usage may follow, and some servers never close the stream. */
export const LATE_MS = 1_000;

/** One event, and what was read of it. */
export interface ReadFrame extends RelayFrame {
  readonly hasToken: boolean;
  /** Whether the client does not get it. */
  readonly isHidden: boolean;
}

/** The bytes for the client, and the events that end in this read. */
export interface ReadPiece {
  readonly bytes: Uint8Array;
  readonly frames: readonly ReadFrame[];
}

/** Reads one stream while it is passed on. */
export interface StreamReading {
  /** A promise: to read it takes so long that others have their turns in between. The next read waits for it. */
  push(read: Uint8Array): ReadPiece | Promise<ReadPiece>;
  /** Reads what came after the last blank line. */
  end(): ReadPiece | Promise<ReadPiece>;
  /** For an event: what was held back of the texts, where no terminal frame has told it. */
  rest(): Payload;
  /** Whether the bytes for the client so far end inside an event. */
  readonly inFrame: boolean;
  readonly facts: AnswerFacts;
}

export interface StreamReadingOptions {
  readonly api: Api;
  /** Whether to hide the event that holds only usage. */
  readonly hidesUsage: boolean;
  /** Whose events will show the frames. */
  readonly span: TraceSpan;
  readonly pace: Pace;
  /** Gets the value of each event, or of an answer in place of events, before it is redacted; null: it is too long to be parsed. */
  readonly hear?: (said: Members | null) => void;
}

/** Whether the texts of an answer have come to their end. */
const isWhole = ({ hasEnded, error }: AnswerFacts): boolean => hasEnded && error === null;

/** How many events without text are kept on the span, which has few places; the terminal one always is. A server may send nothing else. */
const MAX_KEPT_EVENTS = 24;

const NO_BYTES = new Uint8Array(0);

const PLAIN = { number: null, bulk: false, terminal: false, hasToken: false, isHidden: false } as const;

const numberOf = (event: Members | null): number | null => {
  const number = event?.['sequence_number'];
  return typeof number === 'number' ? number : null;
};

const alikeFrame = ({ number }: AlikeFrame, shown: Payload): ReadFrame => ({
  shown,
  number,
  bulk: true,
  terminal: false,
  hasToken: true,
  isHidden: false,
});

const createFrameReader = (
  { api, span, pace, hidesUsage, hear }: StreamReadingOptions,
  alike: AlikeFrames,
) => {
  const reader = createAnswerReader(api);
  const texts = createShownTexts(span);

  const show = (data: ParsedData): { shown: unknown; isText: boolean } => {
    if (data.type === 'text') return { shown: texts.text(data.text), isText: data.text !== '' };
    return { shown: showWhole(data), isText: false };
  };

  const tell = (data: ParsedData): void => {
    if (data.type === 'json' && isMembers(data.value)) hear?.(data.value);
    else if (data.type === 'unread') hear?.(null);
  };

  const readEvent = (name: string | null, text: string, data: ParsedData): ReadFrame => {
    tell(data);
    const event = data.type === 'json' && isMembers(data.value) ? data.value : null;
    const slots = event ? textSlotsOf(event) : [];
    const { news } = reader;
    const { hasToken, terminal, isUsageAlone } = reader.event(name, data, slots.length > 0);
    if (event && hasToken && !terminal && !isUsageAlone && reader.news === news)
      alike.learn(name, text, event, slots);
    texts.release(slots);
    const { shown, isText } = show(data);
    return {
      shown: span.payload(shown, terminal ? texts.rest(isWhole(reader.facts)) : undefined),
      number: numberOf(event),
      bulk: slots.length > 0 || isText,
      terminal,
      hasToken,
      isHidden: hidesUsage && isUsageAlone,
    };
  };

  const readJson = (data: ParsedData): ReadFrame => {
    tell(data);
    reader.whole(data, false);
    return { ...PLAIN, shown: span.payload(showWhole(data)) };
  };

  const parsed = <T>(text: string, read: (data: ParsedData) => T): T | Promise<T> => {
    const data = parseData(text, pace);
    return data instanceof Promise ? data.then(read) : read(data);
  };

  const read = (frame: SseFrame): ReadFrame | null | Promise<ReadFrame> => {
    switch (frame.type) {
      case 'alike':
        return alikeFrame(frame, texts.frame(frame.of, frame.before, frame.delta, frame.after));
      case 'event':
        return parsed(frame.data, (data) => readEvent(frame.name, frame.data, data));
      case 'json':
        return parsed(frame.data, readJson);
      case 'unread':
        hear?.(null);
        return { ...PLAIN, shown: { unread_bytes: frame.bytes } };
      case 'silent':
      case 'line-end':
        return null;
    }
  };

  return { read, reader, texts };
};

/** The frames of one read, while they are read. */
interface Told {
  readonly placed: PlacedFrame[];
  readonly frames: ReadFrame[];
  /** For each of `placed`. */
  readonly isHidden: boolean[];
}

/** How many frames are read between two rests, if none of them is long. */
const FRAMES_AT_A_TIME = 16;

export const createStreamReading = (options: StreamReadingOptions): StreamReading => {
  const { pace, hear } = options;
  const alike = createAlikeFrames();
  // Who wants to hear the value of each event gets it by parsing.
  const splitter = createFrameSplitter(hear ? undefined : alike.at);
  const { read: readFrame, reader, texts } = createFrameReader(options, alike);
  const release = options.hidesUsage ? createFrameRelease() : null;
  let kept = 0;

  const withinPlaces = (frame: ReadFrame): ReadFrame => {
    if (frame.bulk || frame.terminal || kept++ < MAX_KEPT_EVENTS) return frame;
    return { ...frame, bulk: true };
  };

  const take = ({ frames, isHidden }: Told, frame: ReadFrame | null): void => {
    isHidden.push(frame?.isHidden === true);
    if (frame) frames.push(withinPlaces(frame));
  };

  /** Reads frames, until there are no more; a promise, if one of them takes long or all together do. */
  const readAll = (next: () => PlacedFrame | null, told: Told): Promise<unknown> | null => {
    const goOn = () => readAll(next, told);
    for (let placed = next(); placed; placed = next()) {
      told.placed.push(placed);
      const frame = readFrame(placed);
      if (frame instanceof Promise) return frame.then((late) => take(told, late)).then(goOn);
      take(told, frame);
      const rest = told.placed.length % FRAMES_AT_A_TIME === 0 ? pace.rest() : null;
      if (rest !== null) return rest.then(goOn);
    }
    return null;
  };

  const piece = (
    next: () => PlacedFrame | null,
    bytesFor: (told: Told) => Uint8Array,
  ): ReadPiece | Promise<ReadPiece> => {
    const told: Told = { placed: [], frames: [], isHidden: [] };
    const result = (): ReadPiece => ({ bytes: bytesFor(told), frames: told.frames });
    return readAll(next, told)?.then(result) ?? result();
  };

  return {
    push(read) {
      splitter.start(read);
      return piece(splitter.next, ({ placed, isHidden }) =>
        release ? release.push(read, placed, isHidden) : read,
      );
    },
    end() {
      let last = splitter.end();
      const once = (): PlacedFrame | null => {
        const frame = last;
        last = null;
        return frame;
      };
      return piece(once, ({ isHidden: [isHidden] }) => release?.end(isHidden === true) ?? NO_BYTES);
    },
    rest: () => options.span.payload(undefined, texts.rest(isWhole(reader.facts))),
    get inFrame() {
      return release ? release.isOpen : splitter.inFrame;
    },
    get facts() {
      return reader.facts;
    },
  };
};
