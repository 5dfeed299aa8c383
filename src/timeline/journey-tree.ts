import type { Journey, JourneyHop } from './journeys.ts';
import type { SpanNode } from './model.ts';
import { LOST_SPAN, OPEN_SPAN } from './open-spans.ts';
import { boundDepth } from './span-depth.ts';
import type { MutableNode } from './span-node.ts';
import { addOpen, allNodes, byStart, type GrownTree, growTree, nearestOwn } from './span-tree.ts';

/** The spans of a journey. */
export interface SpanTree {
  readonly spans: SpanNode[];
  /** How many spans are shown higher than they are, since the depth of the tree is bounded. */
  readonly tooDeep: number;
  /** The most by which a gateway's span begins before its parent at another gateway; 0 if none does. */
  readonly aheadNs: bigint;
}

/** The span that called a gateway. If it was never written, a placeholder is added below the span that ran then. */
const callerOf = ({ tree, root }: GrownTree, called: MutableNode): MutableNode => {
  const id = called.parentSpanId;
  const written = id === null ? undefined : tree.nodes.get(id);
  if (written) return written;
  const nearest = nearestOwn(tree, called.startNs) ?? root;
  if (id === null) return nearest;
  const unwritten = addOpen(tree, id, tree.isOver ? LOST_SPAN : OPEN_SPAN, called.startNs);
  unwritten.parentSpanId = nearest.spanId;
  nearest.children.push(unwritten);
  return unwritten;
};

/** Adds a gateway's tree below the span that called it. Returns by how much it begins before that span. */
const join = (above: GrownTree, { root }: GrownTree): bigint => {
  const caller = callerOf(above, root);
  caller.children.push(root);
  root.parentSpanId ??= caller.spanId;
  root.isRemote = true;
  return caller.startNs - root.startNs;
};

const growAll = (
  hops: readonly JourneyHop[],
  number: number,
  isOver: (hop: JourneyHop) => boolean,
): Map<JourneyHop, GrownTree> => {
  const grown = new Map<JourneyHop, GrownTree>();
  for (const hop of hops) {
    const tree = growTree(hop.lines, number, isOver(hop));
    if (tree) grown.set(hop, tree);
  }
  return grown;
};

/** Builds the span tree of a journey: the outermost gateway's, with the others' below the spans that called them. */
export const buildSpanTree = (
  { hops }: Journey,
  number: number,
  isOver: (hop: JourneyHop) => boolean,
): SpanTree => {
  const grown = growAll(hops, number, isOver);
  let aheadNs = 0n;
  const roots: MutableNode[] = [];
  for (const [{ above }, tree] of grown) {
    const upper = above && grown.get(above);
    if (!upper) roots.push(tree.root);
    const ahead = upper ? join(upper, tree) : 0n;
    if (ahead > aheadNs) aheadNs = ahead;
  }
  const tooDeep = roots.reduce((sum, root) => sum + boundDepth(root), 0);
  for (const { tree } of grown.values()) for (const node of allNodes(tree)) node.children.sort(byStart);
  return { spans: roots, tooDeep, aheadNs };
};
