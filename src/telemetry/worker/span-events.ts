import type { Attributes, HrTime } from '@opentelemetry/api';
import { cleanSimpleAttributes } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { kindOfEvent, modeOfEvent, placeOfEvent } from '../facts/ops.ts';
import { placeAttributes } from '../mirror/event.ts';
import type { SpanLimits } from '../otel/span-limits.ts';
import { MODES } from '../phases.ts';
import type { KeptEvents } from './ended-span.ts';

type TimedEvent = ReadableSpan['events'][number];

/** Room that bulk events leave on a span for the others: the first ones and the last stay. */
const RESERVED_EVENTS = 32;

/** What all events of one kind and place of a span have in common. */
export interface Alike {
  /** The members of the mirror's line from `trace_id` to `mode`, behind a comma. */
  readonly head: string;
  readonly attributes: Attributes;
}

/** Whose the events are. */
export interface SpanIdentity {
  readonly traceId: string;
  readonly spanId: string;
  readonly scope: number;
  readonly reqId: string | null;
  readonly route: string | null;
  readonly method: string | null;
  /** Its line was written: what comes now stands in the mirror alone. */
  readonly hasEnded: boolean;
}

/** A span whose events come, and the events that it will be exported with. */
export class SpanEvents {
  readonly identity: SpanIdentity;
  /** Whether its events are exported. */
  readonly #isExported: boolean;
  readonly #limits: SpanLimits;
  readonly #alike = new Map<number, Alike>();
  readonly #events: TimedEvent[] = [];
  #added = 0;
  #bulk = 0;
  #mirrorOnly = 0;

  constructor(identity: SpanIdentity, isExported: boolean, limits: SpanLimits) {
    this.identity = identity;
    this.#isExported = isExported;
    this.#limits = limits;
  }

  /** Whether one more event stands on the span; of those that do not the bulk ones are counted. */
  takes(isBulk: boolean): boolean {
    if (this.identity.hasEnded) return false;
    if (!isBulk) return true;
    if (this.#bulk < this.#limits.eventCount - RESERVED_EVENTS) {
      this.#bulk++;
      return true;
    }
    this.#mirrorOnly++;
    return false;
  }

  /** Adds an event within the limits, and gives it as it is exported; null where the span may have none. */
  add(name: string, time: HrTime, attributes: Attributes): TimedEvent | null {
    this.#added++;
    const { cutsEvents } = this.#limits;
    if (this.#limits.eventCount === 0 || (!this.#isExported && !cutsEvents)) return null;
    const event: TimedEvent = cutsEvents
      ? {
          name,
          time,
          ...cleanSimpleAttributes(attributes, {
            attributeCountLimit: this.#limits.attributesPerEvent,
            attributeValueLengthLimit: this.#limits.valueLength,
          }),
        }
      : { name, time, attributes, droppedAttributesCount: 0 };
    if (this.#isExported) {
      if (this.#events.length >= this.#limits.eventCount) this.#events.shift();
      this.#events.push(event);
    }
    return event;
  }

  /** What an event of this kind and place shares with those before. `what`: as `packEvent` made it. */
  alike(what: number): Alike {
    const known = this.#alike.get(what);
    if (known) return known;
    const { traceId, spanId, reqId, route, method } = this.identity;
    const kind = kindOfEvent(what);
    const { phase, direction } = placeOfEvent(what);
    const mode = reqId === null ? null : (MODES[modeOfEvent(what)] ?? null);
    const line = {
      ...{ trace_id: traceId, span_id: spanId, req_id: reqId, phase, kind, direction },
      ...{ route: reqId === null ? null : route, method: reqId === null ? null : method, mode },
    };
    const made = { head: `,${JSON.stringify(line).slice(1, -1)}`, attributes: placeAttributes(line) };
    this.#alike.set(what, made);
    return made;
  }

  get kept(): KeptEvents {
    const kept = Math.min(this.#added, this.#limits.eventCount);
    return { events: this.#events, kept, dropped: this.#added - kept, mirrorOnly: this.#mirrorOnly };
  }
}

export const NO_EVENTS: KeptEvents = { events: [], kept: 0, dropped: 0, mirrorOnly: 0 };
