import type { RequestScope } from '../span.ts';
import type { Patience } from './queue.ts';

/** What the telemetry thread knows of a request, or of a span that belongs to none. */
export class ScopeNote implements Patience {
  /** The span that was opened first: the SERVER span of a request. */
  readonly first: SpanNote;
  /** Number by which facts name it. */
  ref = 0;
  /** Which thread was told. */
  generation = 0;
  /** Its last fact was handed over: nothing of it is kept any more. */
  isGone = false;
  /** Payloads handed over so far. */
  payloads = 0;
  waitedMs = 0;

  constructor(first: SpanNote) {
    this.first = first;
  }
}

/** What the telemetry thread knows of a span. It does not hold the span. */
export class SpanNote {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
  /** Whether its events go anywhere. */
  readonly isWanted: boolean;
  ref = 0;
  generation = 0;
  scope: ScopeNote | null = null;
  request: RequestScope | null = null;
  isApart = false;
  hasEnded = false;
  /** Events that were handed over to the thread that knows it. */
  events = 0;
  /** Events that were lost on their way. */
  lost = 0;

  constructor(traceId: string, spanId: string, isSampled: boolean, isWanted: boolean) {
    this.traceId = traceId;
    this.spanId = spanId;
    this.isSampled = isSampled;
    this.isWanted = isWanted;
  }
}
