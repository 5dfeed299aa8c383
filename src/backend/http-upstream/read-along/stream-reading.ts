import type { Payload, TraceSpan } from '../../../gateway/ports.ts';
import type { Api, RelayFrame } from '../../../gateway/relay.ts';
import type { Pace } from '../../../pace.ts';
import { isMembers, type Members } from '../json-shapes.ts';
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
  push(read: Uint8Array): Promise<ReadPiece>;
  /** Reads what came after the last blank line. */
  end(): Promise<ReadPiece>;
  /** For an event: what was held back of the texts, where no terminal frame has told it. */
  rest(): Payload;
  /** Whether the bytes for the client so far end inside an event. */
  readonly inFrame: boolean;
  readonly events: number;
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

const PLAIN = { number: null, bulk: false, terminal: false, hasToken: false, isHidden: false } as const;

const numberOf = (event: Members | null): number | null => {
  const number = event?.['sequence_number'];
  return typeof number === 'number' ? number : null;
};

const createFrameReader = ({ api, hidesUsage, span, pace, hear }: StreamReadingOptions) => {
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

  const readEvent = (name: string | null, data: ParsedData): ReadFrame => {
    tell(data);
    const event = data.type === 'json' && isMembers(data.value) ? data.value : null;
    const slots = event ? textSlotsOf(event) : [];
    const { hasToken, terminal, isUsageAlone } = reader.event(name, data, slots.length > 0);
    texts.release(slots);
    const { shown, isText } = show(data);
    return {
      shown: terminal ? span.payload(shown, texts.rest(isWhole(reader.facts))) : shown,
      number: numberOf(event),
      bulk: slots.length > 0 || isText,
      terminal,
      hasToken,
      isHidden: hidesUsage && isUsageAlone,
    };
  };

  const read = async (frame: SseFrame): Promise<ReadFrame | null> => {
    switch (frame.type) {
      case 'event': {
        const parsed = parseData(frame.data, pace);
        return readEvent(frame.name, parsed instanceof Promise ? await parsed : parsed);
      }
      case 'json': {
        const data = await parseData(frame.data, pace);
        tell(data);
        reader.whole(data, false);
        return { ...PLAIN, shown: showWhole(data) };
      }
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

export const createStreamReading = (options: StreamReadingOptions): StreamReading => {
  const splitter = createFrameSplitter();
  const { read: readFrame, reader, texts } = createFrameReader(options);
  const release = options.hidesUsage ? createFrameRelease() : null;
  let events = 0;
  let kept = 0;

  const withinPlaces = (frame: ReadFrame): ReadFrame => {
    if (frame.bulk || frame.terminal || kept++ < MAX_KEPT_EVENTS) return frame;
    return { ...frame, bulk: true };
  };

  const readAll = async (placed: readonly PlacedFrame[]) => {
    const frames: ReadFrame[] = [];
    const isHidden: boolean[] = [];
    for (const frame of placed) {
      const told = await readFrame(frame);
      isHidden.push(told?.isHidden === true);
      if (told) frames.push(withinPlaces(told));
      await options.pace.rest();
    }
    events += frames.length;
    return { frames, isHidden };
  };

  return {
    async push(read) {
      const placed = splitter.push(read);
      const { frames, isHidden } = await readAll(placed);
      return { bytes: release ? release.push(read, placed, isHidden) : read, frames };
    },
    async end() {
      const last = splitter.end();
      const { frames, isHidden } = await readAll(last ? [last] : []);
      return { bytes: release ? release.end(isHidden[0] === true) : new Uint8Array(0), frames };
    },
    rest: () => options.span.payload(undefined, texts.rest(isWhole(reader.facts))),
    get inFrame() {
      return release ? release.isOpen : splitter.inFrame;
    },
    get events() {
      return events;
    },
    get facts() {
      return reader.facts;
    },
  };
};
