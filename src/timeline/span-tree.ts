import type { EventLine, SpanLine } from '../telemetry/mirror/line.ts';
import type { Phase } from '../telemetry/phases.ts';
import { ATTR_HTTP_REQUEST_METHOD } from '../telemetry/semconv.ts';
import type { AttemptLines } from './attempts.ts';
import { isEventLine, isSpanLine, serviceOf, startOf } from './line-facts.ts';
import {
  describeOpenSpan,
  isOnServerSpan,
  LOST_SPAN,
  OPEN_SPAN,
  type OpenSpan,
  openPhase,
} from './open-spans.ts';
import { closedNode, type MutableNode, openNode } from './span-node.ts';

/** The spans of an attempt at one gateway. */
export interface Tree {
  readonly attempt: number;
  readonly nodes: Map<string, MutableNode>;
  /** Spans that are known from what happened below them alone. */
  readonly nameless: MutableNode[];
  readonly service: string | null;
  /** Whether the request has ended: what is missing then will not come. */
  readonly isOver: boolean;
}

const eventsBySpan = (events: readonly EventLine[]): Map<string, EventLine[]> =>
  Map.groupBy(
    events.filter(({ span_id }) => span_id !== null),
    ({ span_id }) => span_id ?? '',
  );

export const allNodes = (tree: Tree): MutableNode[] => [...tree.nodes.values(), ...tree.nameless];

/** The parent of a request's own SERVER span is the client's. */
const isRequestNode = ({ kind, attributes }: MutableNode): boolean =>
  kind === 'SERVER' &&
  ('route' in attributes || ('req_id' in attributes && ATTR_HTTP_REQUEST_METHOD in attributes));

const findPhase = (tree: Tree, phase: Phase): MutableNode | undefined =>
  allNodes(tree).find((node) => node.phase === phase);

export const addOpen = (tree: Tree, spanId: string | null, span: OpenSpan, startNs: bigint): MutableNode => {
  const node = openNode({ ...span, attempt: tree.attempt, spanId, service: tree.service, startNs });
  if (spanId === null) tree.nameless.push(node);
  else tree.nodes.set(spanId, node);
  return node;
};

/** The SERVER span while it is open: its id, where a phase below it has been written, is all that is known. */
const addServer = (tree: Tree, attempt: AttemptLines, spanId: string | null): MutableNode => {
  const seen = attempt.mirror.find((line): line is EventLine => isEventLine(line) && line.route !== null);
  const name = seen ? `${seen.method ?? ''} ${seen.route ?? ''}`.trim() : 'request';
  return addOpen(tree, spanId, { name, kind: 'SERVER', phase: null, below: 'server' }, attempt.startNs);
};

/** Which phase a span of the gateway's own hangs below: calls below the submission, tools below the answer. */
const phaseAbove = (tree: Tree, node: MutableNode): Phase | null => {
  const phase = node.kind === 'CLIENT' ? 'backend_submission' : 'backend_io';
  return node.service === tree.service && !findPhase(tree, phase) ? phase : null;
};

const BACKEND_PHASES: readonly (Phase | null)[] = ['backend_submission', 'backend_io'];

/** The span of ours that a backend's span of that time belongs below: the last one to begin of those that ran then, else the last before. */
export const nearestOwn = (tree: Tree, timeNs: bigint): MutableNode | undefined => {
  const isBackends = ({ phase, kind }: MutableNode): boolean =>
    BACKEND_PHASES.includes(phase) || (phase === null && kind !== 'SERVER');
  const begun = [...tree.nodes.values()]
    .filter((node) => node.service === tree.service && isBackends(node) && node.startNs <= timeNs)
    .sort(byStart);
  return begun.findLast(({ endNs }) => endNs === null || endNs >= timeNs) ?? begun.at(-1);
};

/** A long span stays unwritten while the ones below it end: its place is kept, with its children below it. */
const addMissingParents = (tree: Tree, known: ReadonlySet<string | null>): void => {
  for (const node of [...tree.nodes.values()].sort(byStart)) {
    const id = node.parentSpanId;
    if (id === null || known.has(id) || tree.nodes.has(id) || isRequestNode(node)) continue;
    const phase = phaseAbove(tree, node);
    if (phase) addOpen(tree, id, openPhase(phase), node.startNs).service = node.service;
    else addBackendParent(tree, id, node);
  }
};

/** The parent of spans of a backend is told only that it is: it hangs where it must have been. */
const addBackendParent = (tree: Tree, id: string, child: MutableNode): void => {
  const above = nearestOwn(tree, child.startNs);
  const isLost = tree.isOver && child.service !== tree.service;
  const parent = addOpen(tree, id, isLost ? LOST_SPAN : OPEN_SPAN, child.startNs);
  parent.service = child.service;
  if (above) parent.parentSpanId = above.spanId;
};

/** Opens a node for every span that has events or children and no line of its own. */
const addOpenSpans = (tree: Tree, attempt: AttemptLines): MutableNode => {
  const loose = [...eventsBySpan(attempt.mirror.filter(isEventLine))].filter(([id]) => !tree.nodes.has(id));
  addMissingParents(tree, new Set([...loose.map(([id]) => id), attempt.serverSpanId]));
  const closed = new Set(allNodes(tree).flatMap(({ phase }) => phase ?? []));
  const serverId = attempt.serverSpanId ?? loose.find(([, events]) => isOnServerSpan(events))?.[0] ?? null;
  const server = (serverId !== null && tree.nodes.get(serverId)) || addServer(tree, attempt, serverId);
  for (const [spanId, events] of loose) {
    if (spanId === serverId) continue;
    const span = describeOpenSpan(events, closed);
    const node = addOpen(
      tree,
      spanId,
      span,
      events.map(startOf).reduce((a, b) => (b < a ? b : a)),
    );
    const above = span.below === 'server' ? server : submissionFor(tree, node);
    node.parentSpanId = above.spanId;
    node.above = above;
  }
  return server;
};

/** An open call hangs below the submission that made it, which is open too unless it ended before. */
const submissionFor = (tree: Tree, call: MutableNode): MutableNode => {
  const submission = findPhase(tree, 'backend_submission');
  if (!submission) return addOpen(tree, null, openPhase('backend_submission'), call.startNs);
  const isOver = submission.endNs !== null && submission.endNs < call.startNs;
  return (isOver && findPhase(tree, 'backend_io')) || submission;
};

export const byStart = (a: MutableNode, b: MutableNode): number =>
  a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : 0;

/** Hangs every node below its parent. Whoever leads nowhere hangs below the SERVER span, rather than be left out. */
const connect = (tree: Tree, server: MutableNode): void => {
  for (const node of allNodes(tree)) {
    if (node === server) continue;
    const parent = node.above ?? (node.parentSpanId === null ? undefined : tree.nodes.get(node.parentSpanId));
    (parent && parent !== node ? parent : server).children.push(node);
  }
};

/** The call that asks an app-server for a turn. */
const TURN_REQUEST = 'turn/start';

const newTree = (attempt: AttemptLines, number: number, isOver: boolean): Tree => {
  const lines = attempt.mirror.filter(isSpanLine);
  const own = attempt.own.filter(isSpanLine);
  const service = serviceOf(attempt.own);
  const turn = own.find(({ name, service: of }) => name === TURN_REQUEST && of === service);
  const requestedNs = turn ? BigInt(turn.otlp.startTimeUnixNano) : null;
  const named = (line: SpanLine): [string, MutableNode] => [
    line.span_id ?? '',
    closedNode(line, number, requestedNs),
  ];
  return { attempt: number, nodes: new Map(lines.map(named)), nameless: [], service, isOver };
};

/** A tree with its SERVER span. */
export interface GrownTree {
  readonly tree: Tree;
  readonly root: MutableNode;
}

/** The spans of an attempt at one gateway: as they were written, and open ones as far as their events tell. */
export const growTree = (attempt: AttemptLines, number: number, isOver: boolean): GrownTree | null => {
  if (attempt.mirror.length === 0) return null;
  const tree = newTree(attempt, number, isOver);
  const root = addOpenSpans(tree, attempt);
  connect(tree, root);
  return { tree, root };
};
