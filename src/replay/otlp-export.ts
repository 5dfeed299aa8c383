import type { RebuiltSpan } from './rebuild.ts';

/** An OTLP/JSON trace export: what a collector takes at `/v1/traces`. */
export interface TraceExport {
  readonly resourceSpans: readonly {
    readonly resource: unknown;
    readonly scopeSpans: readonly { readonly scope: unknown; readonly spans: readonly unknown[] }[];
  }[];
}

const groupBy = <Item>(items: readonly Item[], key: (item: Item) => unknown): Item[][] => {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const name = JSON.stringify(key(item));
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return [...groups.values()];
};

/** Puts rebuilt spans back under the resources and scopes that they were exported under. */
export const toTraceExport = (spans: readonly RebuiltSpan[]): TraceExport => ({
  resourceSpans: groupBy(spans, ({ resource }) => resource).map((ofResource) => ({
    resource: ofResource[0]?.resource,
    scopeSpans: groupBy(ofResource, ({ scope }) => scope).map((ofScope) => ({
      scope: ofScope[0]?.scope,
      spans: ofScope.map(({ span }) => span),
    })),
  })),
});
