import type { SpanNode } from '../../timeline/timeline.ts';

/** A row of the tree: a span, several alike, or a word about those that are left out. */
export type TreeRow =
  | {
      readonly type: 'span';
      readonly node: SpanNode;
      readonly depth: string;
      readonly below: string;
      readonly newService: boolean;
    }
  | {
      readonly type: 'alike';
      readonly nodes: readonly SpanNode[];
      readonly depth: string;
      readonly newService: boolean;
    }
  | { readonly type: 'more'; readonly count: number; readonly depth: string };

/** Below one of our spans, enough for a backend's story; a real Codex makes hundreds a turn, and `--json` lists them all. */
const MAX_FOREIGN_ROWS = 20;
/** Deeper than this, branches would leave no room for names. */
const MAX_FOREIGN_INDENT = 30;
const INDENT = 3;
const MIN_ALIKE = 3;

interface Walk {
  readonly rows: TreeRow[];
  /** The services of the gateways. Each of their spans has a row. */
  readonly home: ReadonlySet<string | null>;
  /** Whether there are several gateways, so that each of their spans shows its service. */
  readonly isJourney: boolean;
  /** The first one of each group of foreign spans that has a row. */
  readonly chosen: Set<SpanNode>;
}

const isFoldable = (node: SpanNode): boolean =>
  node.children.length === 0 && node.error === null && node.endNs !== null && node.phase === null;

const canJoin = (group: readonly SpanNode[], node: SpanNode): boolean => {
  const first = group[0];
  return (
    first !== undefined &&
    isFoldable(first) &&
    isFoldable(node) &&
    first.name === node.name &&
    first.service === node.service
  );
};

/** Puts neighbours that look the same together, where there are several. */
const groupAlike = (nodes: readonly SpanNode[]): SpanNode[][] => {
  const groups: SpanNode[][] = [];
  for (const node of nodes) {
    const last = groups.at(-1);
    if (last && canJoin(last, node)) last.push(node);
    else groups.push([node]);
  }
  return groups.flatMap((group) => (group.length >= MIN_ALIKE ? [group] : group.map((node) => [node])));
};

const countSpans = (nodes: readonly SpanNode[]): number =>
  nodes.reduce((sum, node) => sum + 1 + countSpans(node.children), 0);

/** How long the longest of these took, spans below them included; what failed or is open comes before all that took its time. */
const weightOf = (nodes: readonly SpanNode[]): number =>
  nodes.reduce((most, { error, startNs, endNs, children }) => {
    const own = error || endNs === null ? Number.POSITIVE_INFINITY : Number(endNs - startNs);
    return Math.max(most, own, weightOf(children));
  }, 0);

const isOurs = (state: Walk, node: SpanNode | undefined): boolean =>
  node !== undefined && state.home.has(node.service);

/** Gives rows to the weightiest foreign spans below one of ours. Nothing outweighs its parent, so each has its way up. */
const chooseBelow = (state: Walk, ours: SpanNode, indent: string): void => {
  const groupsBelow = (node: SpanNode, room: number): SpanNode[][] =>
    (room > 0 ? groupAlike(node.children) : [])
      .filter(([first]) => !isOurs(state, first))
      .flatMap((group) => [
        group,
        ...(group.length === 1 ? group.flatMap((only) => groupsBelow(only, room - INDENT)) : []),
      ]);
  const weighed = groupsBelow(ours, MAX_FOREIGN_INDENT - indent.length).map((group) => ({
    first: group[0],
    weight: weightOf(group),
  }));
  // A difference would be NaN for two that are infinite.
  weighed.sort((a, b) => (a.weight === b.weight ? 0 : b.weight > a.weight ? 1 : -1));
  for (const { first } of weighed.slice(0, MAX_FOREIGN_ROWS)) if (first) state.chosen.add(first);
};

const hasRow = (state: Walk, [first]: readonly SpanNode[]): boolean =>
  first !== undefined && (isOurs(state, first) || state.chosen.has(first));

/** How many spans below this one have no row. Those below another one of ours are told there. */
const countLeft = (state: Walk, node: SpanNode): number =>
  groupAlike(node.children).reduce((sum, group) => {
    const [first] = group;
    if (!first || !hasRow(state, group)) return sum + countSpans(group);
    return group.length > 1 || isOurs(state, first) ? sum : sum + countLeft(state, first);
  }, 0);

const addGroup = (
  state: Walk,
  group: readonly SpanNode[],
  indent: string,
  isLast: boolean,
  newService: boolean,
): void => {
  const [node] = group;
  if (!node) return;
  const depth = `${indent}${isLast ? '└─ ' : '├─ '}`;
  if (group.length > 1) state.rows.push({ type: 'alike', nodes: group, depth, newService });
  else addSpan(state, node, depth, `${indent}${isLast ? '   ' : '│  '}`, newService);
};

/** Adds what lies below a span. Its service is named where it changes, not on every row, where there is one gateway. */
const addChildren = (state: Walk, parent: SpanNode, indent: string): void => {
  const groups = groupAlike(parent.children).filter((group) => hasRow(state, group));
  const left = isOurs(state, parent) ? countLeft(state, parent) : 0;
  let service = parent.service;
  for (const [index, group] of groups.entries()) {
    const own = group[0]?.service ?? null;
    addGroup(
      state,
      group,
      indent,
      index === groups.length - 1 && left === 0,
      own !== service || (state.isJourney && isOurs(state, group[0])),
    );
    service = own;
  }
  if (left > 0) state.rows.push({ type: 'more', count: left, depth: `${indent}└─ ` });
};

const addSpan = (state: Walk, node: SpanNode, depth: string, below: string, newService: boolean): void => {
  state.rows.push({ type: 'span', node, depth, below, newService });
  if (isOurs(state, node)) chooseBelow(state, node, below);
  addChildren(state, node, below);
};

/** Lays out a span tree in rows, top down. `services`: those of the gateways, by depth. */
export const layOutTree = (root: SpanNode, services: readonly (readonly string[])[]): TreeRow[] => {
  const isJourney = services.length > 1;
  const home = new Set([root.service, ...(isJourney ? services.flat() : [])]);
  const state: Walk = { rows: [], home, isJourney, chosen: new Set() };
  addSpan(state, root, '', '', isJourney);
  return state.rows;
};
