import { payloadField } from './line-facts.ts';
import type { Entry, SpanNode } from './model.ts';

/** Pieces of what the model says or thinks; the output of a command is no token of its. */
const ANSWER_DELTA = /^item\/(?:agentMessage|reasoning)\/\w*delta$/i;

const isDelta = ({ kind, payload }: Entry): boolean => {
  const method = payloadField(payload, 'method');
  return kind === 'rpc_notification' && typeof method === 'string' && ANSWER_DELTA.test(method);
};

const isPiece = ({ kind }: Entry): boolean => kind === 'rpc_notification' || kind === 'upstream_chunk';

/** The entry that brought the first token: the first delta, or what came last before the token was seen. */
const firstTokenEntry = (entries: readonly Entry[], firstTokenNs: bigint | null): Entry | undefined =>
  entries.find(isDelta) ??
  (firstTokenNs === null
    ? undefined
    : entries.findLast((entry) => isPiece(entry) && entry.timeNs <= firstTokenNs));

/** Marks the entry (one of `outer`, the outermost gateway's) that brought the first token, and says when that was: by the span, the usage record or the entry. */
export const markFirstToken = (
  entries: readonly Entry[],
  outer: ReadonlySet<Entry>,
  spans: readonly SpanNode[],
  fromUsageNs: bigint | null,
): { entries: Entry[]; firstTokenNs: bigint | null } => {
  const fromSpan = spans
    .flatMap(({ children }) => children)
    .find((node) => node.firstTokenNs !== null)?.firstTokenNs;
  const known = fromSpan ?? fromUsageNs;
  const first = firstTokenEntry(
    entries.filter((entry) => outer.has(entry)),
    known,
  );
  return {
    entries: entries.map((entry) => (entry === first ? { ...entry, firstToken: true } : entry)),
    firstTokenNs: known ?? first?.timeNs ?? null,
  };
};
