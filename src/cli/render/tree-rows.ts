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

/** Enough for a backend's story; a real Codex makes hundreds of spans a turn, and `--json` lists them all. */
const MAX_FOREIGN_ROWS = 40;
/** Deeper than this, branches would leave no room for names. */
const MAX_FOREIGN_INDENT = 30;
const MIN_ALIKE = 3;

interface Walk {
  readonly rows: TreeRow[];
  readonly home: string | null;
  foreignRows: number;
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

const addGroup = (
  state: Walk,
  group: readonly SpanNode[],
  indent: string,
  isLast: boolean,
  newService: boolean,
): void => {
  const [node] = group;
  if (!node) return;
  if (node.service !== state.home) state.foreignRows++;
  const depth = `${indent}${isLast ? '└─ ' : '├─ '}`;
  if (group.length > 1) state.rows.push({ type: 'alike', nodes: group, depth, newService });
  else addSpan(state, node, depth, `${indent}${isLast ? '   ' : '│  '}`, newService);
};

const isTooMuch = (state: Walk, group: readonly SpanNode[], indent: string): boolean =>
  group[0]?.service !== state.home &&
  (state.foreignRows >= MAX_FOREIGN_ROWS || indent.length >= MAX_FOREIGN_INDENT);

/** Adds what lies below a span. Its service is named where it changes, not on every row. */
const addChildren = (state: Walk, parent: SpanNode, indent: string): void => {
  const groups = groupAlike(parent.children);
  let service = parent.service;
  for (const [index, group] of groups.entries()) {
    if (isTooMuch(state, group, indent)) {
      state.rows.push({ type: 'more', count: countSpans(groups.slice(index).flat()), depth: `${indent}└─ ` });
      return;
    }
    const own = group[0]?.service ?? null;
    addGroup(state, group, indent, index === groups.length - 1, own !== service);
    service = own;
  }
};

const addSpan = (state: Walk, node: SpanNode, depth: string, below: string, newService: boolean): void => {
  state.rows.push({ type: 'span', node, depth, below, newService });
  addChildren(state, node, below);
};

/** Lays a span tree out in rows, top down. */
export const layOutTree = (root: SpanNode): TreeRow[] => {
  const state: Walk = { rows: [], home: root.service, foreignRows: 0 };
  addSpan(state, root, '', '', false);
  return state.rows;
};
