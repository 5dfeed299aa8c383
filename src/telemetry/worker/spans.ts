import type { Attributes, HrTime } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { type Captured, captureSubject } from '../capture.ts';
import { toHrTime } from '../clock.ts';
import { type EndedFacts, type Fact, isApartOf, isBulkOf, kindOfEvent } from '../facts/ops.ts';
import { ESSENTIAL } from '../mirror/essential.ts';
import { addOwnAttributes } from '../mirror/event.ts';
import type { MirrorWriter } from '../mirror/writer.ts';
import type { SpanLimits } from '../otel/span-limits.ts';
import { KINDS, type Kind, type Mode, type Phase } from '../phases.ts';
import type { CapturePolicy } from '../policy/index.ts';
import { EndedSpan } from './ended-span.ts';
import { createMirrorSpans, type MirrorShares } from './mirror-spans.ts';
import { otlpEvent } from './otlp-text.ts';
import type { Payloads } from './payloads.ts';
import { NO_EVENTS, SpanEvents } from './span-events.ts';
import type { ThreadTally } from './thread-tally.ts';
import { timeOf } from './time.ts';

export interface TelemetryCoreOptions {
  readonly policy: CapturePolicy;
  readonly limits: SpanLimits;
  /** Null where there is no mirror: nothing is rendered for it. */
  readonly mirror: MirrorShares | null;
  /** Those of the exporters. */
  readonly exporters: readonly SpanProcessor[];
  /** One object for all spans, by which the exporters group them. */
  readonly resource: Resource;
  /** Name of the member that stands for pieces of texts in payloads. */
  readonly marker: string;
  readonly tally: ThreadTally;
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** What an event says that belongs to no span and no request. */
const NOBODYS = {
  type: 'event',
  req_id: null,
  trace_id: null,
  span_id: null,
  route: null,
  method: null,
  mode: null,
  in_span: false,
} as const;

/** Works on the facts of spans: their events as they come, and the spans when they end. */
export class SpanFacts {
  readonly #options: TelemetryCoreOptions;
  readonly #payloads: Payloads;
  readonly #processors: readonly SpanProcessor[];
  readonly #spans = new Map<number, SpanEvents>();
  /** Of a span that has ended: its late event follows at once. */
  #late: { readonly ref: number; readonly span: SpanEvents } | null = null;

  constructor(options: TelemetryCoreOptions, payloads: Payloads) {
    this.#options = options;
    this.#payloads = payloads;
    this.#processors = [...(options.mirror ? [createMirrorSpans(options.mirror)] : []), ...options.exporters];
  }

  open(f: readonly Fact[], at: number): void {
    const [ref, scope, traceId, spanId, isSampled, hasEnded] = f.slice(at + 1, at + 7) as [
      number,
      number,
      string,
      string,
      boolean,
      boolean,
    ];
    const [reqId, route, method] = f.slice(at + 7, at + 10) as (string | null)[];
    const { limits, exporters } = this.#options;
    const span = new SpanEvents(
      {
        traceId,
        spanId,
        scope,
        reqId: reqId ?? null,
        route: route ?? null,
        method: method ?? null,
        hasEnded,
      },
      isSampled && exporters.length > 0,
      limits,
    );
    if (hasEnded) this.#late = { ref, span };
    else this.#spans.set(ref, span);
  }

  #share(isApart: boolean): MirrorWriter | undefined {
    return isApart ? this.#options.mirror?.refused : this.#options.mirror?.main;
  }

  #spanOf(ref: number): SpanEvents | undefined {
    return this.#spans.get(ref) ?? (this.#late?.ref === ref ? this.#late.span : undefined);
  }

  event(f: readonly Fact[], at: number): void {
    const what = f[at + 2] as number;
    const isApart = isApartOf(what);
    this.#options.tally.beginFact(isApart ? 1 : 0);
    const span = this.#spanOf(f[at + 1] as number);
    if (!span) return;
    const { scope, route } = span.identity;
    const source = this.#payloads.of(scope, f[at + 6] as number, f[at + 7], f[at + 8]);
    if (source === null) return;
    const said = f[at + 5] as string | null;
    const about = said === null ? undefined : (JSON.parse(said) as Readonly<Record<string, unknown>>);
    const kind = kindOfEvent(what);
    const captured = source
      ? source.captured(kind, about, route)
      : captureSubject(this.#options.policy, kind, { about }, route);
    const status = f[at + 4] as number;
    this.#record(span, what, f[at + 3] as bigint, status < 0 ? undefined : status, captured);
  }

  #record(
    span: SpanEvents,
    what: number,
    timeNs: bigint,
    status: number | undefined,
    captured: Captured | null,
  ): void {
    const alike = span.alike(what);
    const inSpan = span.takes(isBulkOf(what));
    const kind = kindOfEvent(what);
    const { cutsEvents } = this.#options.limits;
    const added = inSpan
      ? span.add(
          kind,
          toHrTime(timeNs),
          addOwnAttributes({ ...alike.attributes }, status, captured?.text, captured?.truncated),
        )
      : null;
    const share = this.#share(isApartOf(what));
    if (!share) return;
    let line = alike.head;
    if (status !== undefined) line += `,"status_code":${status}`;
    if (captured) line += `,"payload":${captured.json}`;
    if (captured?.truncated) line += `,"truncated":${JSON.stringify(captured.truncated)}`;
    line += inSpan ? ',"in_span":true' : ',"in_span":false';
    if (added && cutsEvents) line += `,"otlp":${JSON.stringify(otlpEvent(added))}`;
    share.eventText(`${line}}`, timeNs, ESSENTIAL.has(kind));
  }

  /** An event that an instrumentation added by itself has no kind; its line carries the OTLP event whole. */
  foreign(f: readonly Fact[], at: number): void {
    const [ref, isApart, name, time, given, request] = f.slice(at + 1, at + 7) as [
      number,
      boolean,
      string,
      HrTime,
      Attributes | null,
      Attributes,
    ];
    const { policy, tally } = this.#options;
    tally.beginFact(isApart ? 1 : 0);
    const span = this.#spanOf(ref);
    if (!span) return;
    const { sanitizeAttributes, sanitizeText } = policy.sanitizer;
    const attributes = given ? policy.attributes(sanitizeAttributes(given)) : {};
    const shown = policy.eventName(sanitizeText(name), attributes);
    const kept = span.add(shown, time, attributes);
    const otlp = otlpEvent(kept ?? { name: shown, time, attributes, droppedAttributesCount: 0 });
    const { req_id, phase, route, method, mode } = sanitizeAttributes(request);
    this.#share(isApart)?.event(
      {
        type: 'event',
        ...{ req_id: text(req_id), trace_id: span.identity.traceId, span_id: span.identity.spanId },
        ...{ phase: text(phase) as Phase | null, kind: null, direction: null },
        ...{ route: text(route), method: text(method), mode: text(mode) as Mode | null },
        ...{ in_span: true, name: shown, otlp },
      },
      BigInt(timeOf(time)),
    );
  }

  nobody(f: readonly Fact[], at: number): void {
    this.#options.tally.beginFact(0);
    const kind = f[at + 1] as Kind;
    const captured = this.#payloads
      .of(0, f[at + 3] as number, f[at + 4], f[at + 5])
      ?.captured(kind, undefined, null);
    this.#share(false)?.event(
      {
        ...NOBODYS,
        ...KINDS[kind],
        kind,
        ...(captured && { payload: JSON.parse(captured.json) as unknown }),
        ...(captured?.truncated && { truncated: captured.truncated }),
      },
      f[at + 2] as bigint,
    );
  }

  end(ref: number, facts: EndedFacts | null): void {
    const open = this.#spans.get(ref);
    this.#spans.delete(ref);
    if (!facts) return;
    const { policy, limits, resource, tally } = this.#options;
    const span = new EndedSpan(facts, open?.kept ?? NO_EVENTS, { policy, limits, resource });
    tally.beginFact(span.isApart ? 1 : 0);
    if ((span.spanContext().traceFlags & 1) !== 0) tally.handledSpan();
    for (const processor of this.#processors) processor.onEnd(span);
  }
}
