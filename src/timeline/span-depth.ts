import type { MutableNode } from './span-node.ts';

/** How many levels a tree has at most, whatever a backend nests, so that whoever walks it may call itself. */
export const MAX_LEVELS = 64;

/** Everything below a span, down to the last. */
const allBelow = (node: MutableNode): MutableNode[] => {
  const below = [...node.children];
  for (const { children } of below) for (const child of children.splice(0)) below.push(child);
  return below;
};

/** Hangs what lies deeper than the last level on the last but one's spans. Tells how many spans it moved. */
export const boundDepth = (root: MutableNode): number => {
  let level = [root];
  for (let depth = 2; depth < MAX_LEVELS; depth++) level = level.flatMap(({ children }) => children);
  let moved = 0;
  for (const node of level) {
    const below = allBelow(node);
    moved += below.length - node.children.length;
    node.children.length = 0;
    for (const child of below) node.children.push(child);
  }
  return moved;
};
