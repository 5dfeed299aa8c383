import type { Attempt, SpanNode } from '../../timeline/timeline.ts';
import { drawBar, markBar, type Scale } from './bar.ts';
import { cutLine, type Line, lineWidth, padTo, plain, type Segment, type Style, styled } from './line.ts';
import { layOutTree, type TreeRow } from './tree-rows.ts';
import { formatDuration } from './units.ts';
import { MARK, PHASE_STYLE } from './words.ts';

const DURATION_WIDTH = 8;
const MIN_BAR = 12;
const MAX_BAR = 60;
const GAPS = 4;
/** Labels longer than this share of the width are cut, so that the bars keep their room. */
const LABEL_SHARE = 0.55;

const styleOf = (node: SpanNode): Style | undefined => {
  if (node.error) return 'red';
  return node.phase ? PHASE_STYLE[node.phase] : undefined;
};

const serviceOf = ({ service }: SpanNode, isNew: boolean): Line =>
  isNew && service !== null ? [styled('dim', `  ${service}`)] : [];

const labelOf = (row: TreeRow): Line => {
  const branch = styled('dim', row.depth);
  switch (row.type) {
    case 'span': {
      const name = styled(row.node.phase || row.depth === '' ? 'bold' : undefined, row.node.name);
      const failed = row.node.error ? [styled('red', `${MARK.failed} `)] : [];
      return [branch, ...failed, name, ...serviceOf(row.node, row.newService)];
    }
    case 'alike': {
      const [first] = row.nodes;
      if (!first) return [branch];
      return [
        branch,
        plain(first.name),
        styled('dim', ` ×${row.nodes.length}`),
        ...serviceOf(first, row.newService),
      ];
    }
    case 'more':
      return [branch, styled('dim', `${MARK.open} ${row.count} more: --json lists them`)];
  }
};

const fillOf = (node: SpanNode, depth: string): string => {
  if (node.endNs === null) return '░';
  return node.phase || depth === '' ? '█' : '━';
};

const spanBar = (row: Extract<TreeRow, { type: 'span' }>, scale: Scale): Segment => {
  const { node } = row;
  const bar = drawBar(
    scale,
    { startNs: node.startNs, endNs: node.endNs ?? scale.endNs },
    fillOf(node, row.depth),
  );
  const marked = node.firstTokenNs === null ? bar : markBar(scale, bar, node.firstTokenNs, MARK.firstToken);
  return styled(styleOf(node), marked);
};

const timesOf = (nodes: readonly SpanNode[]) => ({
  startNs: nodes.map(({ startNs }) => startNs).reduce((a, b) => (b < a ? b : a)),
  endNs: nodes.map(({ endNs, startNs }) => endNs ?? startNs).reduce((a, b) => (b > a ? b : a)),
});

const timing = (row: TreeRow, scale: Scale): { duration: Segment; bar: Segment } => {
  switch (row.type) {
    case 'span': {
      const { startNs, endNs, isLost } = row.node;
      if (isLost) return { duration: plain(''), bar: plain('') };
      const duration =
        endNs === null ? styled('yellow', `${MARK.open} open`) : plain(formatDuration(endNs - startNs));
      return { duration, bar: spanBar(row, scale) };
    }
    case 'alike': {
      const times = timesOf(row.nodes);
      const duration = plain(formatDuration(times.endNs - times.startNs));
      return { duration, bar: plain(drawBar(scale, times, '━')) };
    }
    case 'more':
      return { duration: plain(''), bar: plain('') };
  }
};

/** What a bar cannot say: why a span failed, and when the first token came. */
const remarks = (row: TreeRow, attempt: Attempt, columns: number): Line[] => {
  if (row.type !== 'span') return [];
  const { error, firstTokenNs, children } = row.node;
  const indent = styled('dim', `${row.below}${children.length > 0 ? '│  ' : '   '}`);
  const why = error && [error.type, error.message].filter((part) => part !== null).join(': ');
  return [
    ...(why ? [[indent, styled('red', why)]] : []),
    ...(firstTokenNs === null
      ? []
      : [
          [
            indent,
            styled(
              'yellow',
              `${MARK.firstToken} first token +${formatDuration(firstTokenNs - attempt.startNs)}`,
            ),
          ],
        ]),
  ].map((line) => cutLine(columns, line));
};

const alignRight = (segment: Segment): Line => [
  plain(' '.repeat(Math.max(0, DURATION_WIDTH - segment.text.length))),
  segment,
];

/** Draws an attempt's spans as a tree with durations and bars, on one scale. */
export const renderTree = (root: SpanNode, attempt: Attempt, columns: number): Line[] => {
  const rows = layOutTree(root, attempt.services);
  const longest = Math.max(...rows.map((row) => lineWidth(labelOf(row))));
  const labelWidth = Math.min(longest, Math.max(20, Math.floor(columns * LABEL_SHARE)));
  const room = columns - labelWidth - DURATION_WIDTH - GAPS;
  const scale: Scale = {
    startNs: attempt.startNs,
    endNs: attempt.lastNs,
    columns: Math.min(MAX_BAR, Math.max(MIN_BAR, room)),
  };
  return rows.flatMap((row) => {
    const { duration, bar } = timing(row, scale);
    const label = padTo(labelWidth, cutLine(labelWidth, labelOf(row)));
    return [
      [...label, plain('  '), ...alignRight(duration), plain('  '), bar],
      ...remarks(row, attempt, columns),
    ];
  });
};
