import { notKept } from '../bound.ts';

/** What of one span, resource or scope is looked at: it is parsed and sanitized in one step. */
const MAX_CHARS = 32 * 1024;
const MAX_VALUES = 2000;
/** What a text may have in any case: ids, times and names behind a large attribute stay what they are. */
const SHORT_CHARS = 64;
/** OTLP gives no object more fields than that. */
const MAX_FIELDS = 32;
const MAX_DEPTH = 40;

/** Where OTLP says how many of a list were left out. */
const DROPPED: Readonly<Record<string, string>> = {
  attributes: 'droppedAttributesCount',
  events: 'droppedEventsCount',
  links: 'droppedLinksCount',
};

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first fields of an object, without a list of all of them. */
const fieldsOf = (value: Json): string[] => {
  const names: string[] = [];
  for (const name in value) {
    if (names.length === MAX_FIELDS) break;
    names.push(name);
  }
  return names;
};

const createCutter = () => {
  let chars = 0;
  let values = 0;

  const cutText = (text: string): string => {
    const kept = Math.min(text.length, Math.max(MAX_CHARS - chars, SHORT_CHARS));
    chars += kept;
    return kept === text.length ? text : text.slice(0, kept) + notKept(text.length - kept);
  };

  const cutList = (items: readonly unknown[], depth: number): unknown[] => {
    const kept: unknown[] = [];
    for (const item of items) {
      if (values >= MAX_VALUES) break;
      kept.push(cut(item, depth + 1));
    }
    return kept;
  };

  const cutObject = (value: Json, depth: number): Json => {
    const copy: Json = {};
    for (const name of fieldsOf(value)) copy[name] = cut(value[name], depth + 1);
    // Afterwards, since a counter may stand behind its list.
    for (const [name, counter] of Object.entries(DROPPED)) {
      const [sent, kept] = [value[name], copy[name]];
      if (!Array.isArray(sent) || !Array.isArray(kept) || kept.length === sent.length) continue;
      copy[counter] = Number(value[counter] ?? 0) + sent.length - kept.length;
    }
    return copy;
  };

  const cut = (value: unknown, depth = 0): unknown => {
    values++;
    if (typeof value === 'string') return cutText(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH) return null;
    return Array.isArray(value) ? cutList(value, depth) : cutObject(value as Json, depth);
  };

  return { cut, work: () => values + chars / SHORT_CHARS };
};

/** A span of another process as far as it is looked at; what is left out of its lists is counted where OTLP counts it. */
export const boundSpan = (span: unknown): { readonly span: unknown; readonly work: number } => {
  const cutter = createCutter();
  return { span: cutter.cut(span), work: cutter.work() };
};

/** An exporter sends one resource with a handful of scopes, and some hundred spans of each. */
const MAX_GROUPS = 256;
const MAX_SPANS = 10_000;

/** @throws for a list that is longer than any exporter's: it is no export */
const listOf = (value: unknown, max: number): unknown => {
  if (Array.isArray(value) && value.length > max) throw new RangeError(`a list of ${value.length}`);
  return value;
};

const mapList = (value: unknown, map: (item: Json) => Json): unknown =>
  Array.isArray(value) ? value.map((item) => (isObject(item) ? map(item) : item)) : value;

/**
 * An export whose resources and scopes together are bounded as one span is. What has another shape stays as it is.
 *
 * @throws where it has more resources, scopes or spans than an exporter sends
 */
export const boundExport = (sent: unknown): unknown => {
  if (!isObject(sent)) return sent;
  const { cut } = createCutter();
  const scopeOf = ({ scope, spans }: Json): Json => ({ scope: cut(scope), spans: listOf(spans, MAX_SPANS) });
  const resourceOf = ({ resource, scopeSpans }: Json): Json => ({
    resource: cut(resource),
    scopeSpans: mapList(listOf(scopeSpans, MAX_GROUPS), scopeOf),
  });
  return { resourceSpans: mapList(listOf(sent['resourceSpans'], MAX_GROUPS), resourceOf) };
};
