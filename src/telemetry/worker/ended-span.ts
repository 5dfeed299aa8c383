import type { Attributes, HrTime, Link, SpanContext, SpanStatus } from '@opentelemetry/api';
import { cleanAttributes } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { ContextFacts, EndedFacts, LinkFacts } from '../facts/ops.ts';
import { cleanSpan } from '../otel/clean-span.ts';
import type { SpanLimits } from '../otel/span-limits.ts';
import { createTraceState } from '../otel/trace-context.ts';
import type { CapturePolicy } from '../policy/index.ts';

const contextOf = ([traceId, spanId, traceFlags, isRemote, state]: ContextFacts): SpanContext => {
  const traceState = state === null ? null : { ...createTraceState(), serialize: () => state };
  return { traceId, spanId, traceFlags, ...(isRemote && { isRemote }), ...(traceState && { traceState }) };
};

const ANY_COUNT = Number.POSITIVE_INFINITY;

/** The counts were kept where the span was made; the lengths are cut here, behind the sanitizer. */
const cutValues = (attributes: Attributes, { valueLength }: SpanLimits): Attributes =>
  valueLength === ANY_COUNT
    ? attributes
    : (cleanAttributes(attributes, {
        attributeCountLimit: ANY_COUNT,
        attributeValueLengthLimit: valueLength,
      }).attributes ?? {});

const linkOf = ([context, attributes, dropped]: LinkFacts, limits: SpanLimits): Link => ({
  context: contextOf(context),
  ...(attributes && { attributes: cutValues(attributes, limits) }),
  droppedAttributesCount: dropped,
});

/** The events of a span, as far as they are kept. */
export interface KeptEvents {
  readonly events: ReadableSpan['events'];
  /** How many the exported span has. */
  readonly kept: number;
  readonly dropped: number;
  /** Events that stand in the mirror alone. */
  readonly mirrorOnly: number;
}

interface EndedOptions {
  readonly policy: CapturePolicy;
  readonly limits: SpanLimits;
  readonly resource: Resource;
}

const MIRROR_ONLY = 'throughline.events.mirror_only';

/** A span that has ended, clean, in the shape that the SDK's exporters take. */
export class EndedSpan implements ReadableSpan {
  readonly name: string;
  readonly kind: number;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events: ReadableSpan['events'];
  readonly ended = true;
  readonly resource: Resource;
  readonly instrumentationScope: ReadableSpan['instrumentationScope'];
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  readonly isApart: boolean;
  /** How many events the exported span has. */
  readonly eventsKept: number;
  readonly #context: SpanContext;

  constructor(facts: EndedFacts, kept: KeptEvents, { policy, limits, resource }: EndedOptions) {
    const [name, kind, context, parent, start, end, duration, statusCode, message, given] = facts;
    const [, , , , , , , , , , dropped, links, droppedLinks, scope, version, schemaUrl, isApart, lost] =
      facts;
    const full = kept.mirrorOnly > 0 && Object.keys(given).length >= limits.attributeCount;
    const counted = kept.mirrorOnly > 0 && !full ? { ...given, [MIRROR_ONLY]: kept.mirrorOnly } : given;
    const status: SpanStatus = { code: statusCode, ...(message !== null && { message }) };
    const clean = cleanSpan({ name, status, attributes: counted }, policy);
    this.name = clean.name;
    this.kind = kind;
    this.#context = contextOf(context);
    if (parent) this.parentSpanContext = contextOf(parent);
    this.startTime = start;
    this.endTime = end;
    this.duration = duration;
    this.status = clean.status;
    this.attributes = cutValues(clean.attributes, limits);
    this.links = links.map((link) => linkOf(link, limits));
    this.events = kept.events;
    this.eventsKept = kept.kept;
    this.resource = resource;
    this.instrumentationScope = {
      name: scope,
      ...(version !== null && { version }),
      ...(schemaUrl !== null && { schemaUrl }),
    };
    this.droppedAttributesCount = dropped + (full ? 1 : 0);
    this.droppedEventsCount = kept.dropped + lost;
    this.droppedLinksCount = droppedLinks;
    this.isApart = isApart;
  }

  spanContext(): SpanContext {
    return this.#context;
  }
}
