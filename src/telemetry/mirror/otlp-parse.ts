import { z } from 'zod';
import type { OtlpAnyValue, OtlpSpan } from './line.ts';
import { boundExport } from './otlp-bound.ts';
import { type OtlpSpanRecord, spansOfExport } from './otlp-json.ts';

/** Lists and maps in attributes go no deeper here, so that no reader or serializer of them runs out of stack. */
const MAX_DEPTH = 16;

/** Proto3's JSON lets its sender leave out, or send as `null`, what is zero or empty. */
const orElse = <Schema extends z.ZodType>(schema: Schema, zero: z.output<Schema>) =>
  schema.nullish().transform((value) => value ?? zero);
const orNothing = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined);

/** Numbers may be text, whatever their type; those of 64 bits should be. */
const wholeNumber = z.union([z.number().refine(Number.isInteger), z.string().regex(/^-?\d{1,20}$/)]);
const count = z.union([
  z.uint32(),
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(z.uint32()),
]);
/** What JSON has no number for stays text. */
const double = z.union([
  z.number(),
  z.enum(['NaN', 'Infinity', '-Infinity']),
  z.string().regex(/\d/).transform(Number).pipe(z.number()),
]);
/** OTLP requires times, so one that is missing, or zero, is no time. */
const nanoseconds = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^(?!0+$)\d{1,20}$/));
const id = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9A-Fa-f]{${digits}}$`))
    .toLowerCase();

const pairsOf = (value: z.ZodType<OtlpAnyValue>) =>
  orElse(z.array(z.object({ key: orElse(z.string(), ''), value: orElse(value, {}) })), []);

/** `inner` is what lists and maps hold; at the bottom they are left out. */
const anyValue = (inner: z.ZodType<OtlpAnyValue> | null): z.ZodType<OtlpAnyValue> =>
  z.object({
    stringValue: orNothing(z.string()),
    boolValue: orNothing(z.boolean()),
    intValue: orNothing(wholeNumber),
    doubleValue: orNothing(double),
    bytesValue: orNothing(z.string()),
    ...(inner && {
      arrayValue: orNothing(z.object({ values: orElse(z.array(inner), []) })),
      kvlistValue: orNothing(z.object({ values: pairsOf(inner) })),
    }),
  }) as z.ZodType as z.ZodType<OtlpAnyValue>;

const attributes = pairsOf(
  Array.from({ length: MAX_DEPTH }).reduce<z.ZodType<OtlpAnyValue>>(anyValue, anyValue(null)),
);

const event = z.object({
  timeUnixNano: nanoseconds,
  name: orElse(z.string(), ''),
  attributes,
  droppedAttributesCount: orElse(count, 0),
});

const link = z.object({
  traceId: id(32),
  spanId: id(16),
  traceState: orNothing(z.string()),
  attributes,
  droppedAttributesCount: orElse(count, 0),
  flags: orElse(count, 0),
});

const span = z.object({
  traceId: id(32),
  spanId: id(16),
  parentSpanId: orNothing(z.union([id(16), z.literal('')])),
  traceState: orNothing(z.string()),
  name: orElse(z.string(), ''),
  kind: orElse(count, 0),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes,
  droppedAttributesCount: orElse(count, 0),
  events: orElse(z.array(event), []),
  droppedEventsCount: orElse(count, 0),
  status: orElse(z.object({ code: orElse(count, 0), message: orNothing(z.string()) }), {
    code: 0,
    message: undefined,
  }),
  links: orElse(z.array(link), []),
  droppedLinksCount: orElse(count, 0),
  flags: orElse(count, 0),
});

/** A span of another process, whose zero values are all there. */
export type ForeignSpan = z.output<typeof span>;

const resource = z.object({ attributes, droppedAttributesCount: orElse(count, 0) });
const scope = z.object({
  name: orElse(z.string(), ''),
  version: orNothing(z.string()),
  attributes,
  droppedAttributesCount: orElse(count, 0),
});

const listOf = <Schema extends z.ZodType>(schema: Schema) => orElse(z.array(schema), []);
const exportRequest = z.object({
  resourceSpans: listOf(
    z.object({
      resource: resource.nullish(),
      scopeSpans: listOf(z.object({ scope: scope.nullish(), spans: listOf(z.unknown()) })),
    }),
  ),
});

/** Takes an OTLP/JSON trace export of another process apart, its spans unread. Throws for what is none. */
export const parseExport = (body: string): OtlpSpanRecord<unknown>[] =>
  spansOfExport(exportRequest.parse(boundExport(JSON.parse(body))));

/** A span with all that a mirror line and an exporter rely on; null for what is none. What OTLP does not know is left out. */
export const parseSpan = (sent: unknown): OtlpSpan | null => (span.safeParse(sent).data as OtlpSpan) ?? null;
