import { type SpanContext, TraceFlags, type TraceState } from '@opentelemetry/api';

/** W3C Trace Context, level 2: the two headers, read and written. Both processes use it. */

/** Level 2: the trace id was made at random. The SDK knows the sampled flag alone. */
export const RANDOM_FLAG = 2;
/** Flags that no level defines yet are not passed on. */
const KNOWN_FLAGS = TraceFlags.SAMPLED | RANDOM_FLAG;

const TRACEPARENT =
  /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-(.*))?$/;
const TRACEPARENT_VERSION = '00';

const MAX_MEMBERS = 32;
const MAX_CHARS = 512;
/** Of a list that is too long, members that are longer than this go first. */
const LARGE_MEMBER_CHARS = 128;

const KEY = /^[a-z\d][a-z\d_\-*/@]{0,255}$/;
/** Printable ASCII without comma and equals sign, the last character no space. */
const VALUE = /^[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/** Spaces and tabs around a header's value or a list's member. */
const trimmed = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '');

/** The parent that a `traceparent` names; null for a malformed one. */
export const parseTraceParent = (
  header: string,
): Pick<SpanContext, 'traceId' | 'spanId' | 'traceFlags'> | null => {
  const match = TRACEPARENT.exec(trimmed(header));
  if (!match) return null;
  const [, version, traceId = '', spanId = '', flags = '', rest] = match;
  if (version === TRACEPARENT_VERSION && rest !== undefined) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & KNOWN_FLAGS };
};

export const formatTraceParent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `${TRACEPARENT_VERSION}-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;

/** One member of a `tracestate`: its key and its value. */
type Member = readonly [key: string, value: string];

const textOf = ([key, value]: Member): string => `${key}=${value}`;
const join = (members: readonly Member[]): string => members.map(textOf).join(',');

const parseMember = (text: string): Member | null => {
  const [key = '', value = '', ...more] = text.split('=');
  const isValid = more.length === 0 && KEY.test(key) && VALUE.test(value);
  return isValid ? [key, value] : null;
};

/** Takes the last member that fits the condition out of the list; null where there is none. */
const withoutLast = (
  members: readonly Member[],
  isToGo: (member: Member, index: number) => boolean,
): Member[] | null => {
  const index = members.findLastIndex(isToGo);
  return index < 0 ? null : members.toSpliced(index, 1);
};

/** Brings a list within what may be passed on; the first `kept` members stay. */
const bounded = (members: readonly Member[], kept: number): readonly Member[] => {
  let left = members;
  while (left.length > MAX_MEMBERS || join(left).length > MAX_CHARS) {
    const tooLong = join(left).length > MAX_CHARS;
    const isLarge = (member: Member, index: number) =>
      index >= kept && textOf(member).length > LARGE_MEMBER_CHARS;
    const shorter =
      (tooLong ? withoutLast(left, isLarge) : null) ?? withoutLast(left, (_, index) => index >= kept);
    if (!shorter) return left;
    left = shorter;
  }
  return left;
};

export const createTraceState = (members: readonly Member[] = []): TraceState => {
  const without = (key: string) => members.filter(([name]) => name !== key);
  return {
    // As W3C asks of whoever changes a member: it goes to the front, and stays when others must go.
    set: (key, value) => createTraceState(bounded([[key, value], ...without(key)], 1)),
    unset: (key) => createTraceState(without(key)),
    get: (key) => members.find(([name]) => name === key)?.[1],
    serialize: () => join(members),
  };
};

/**
 * Reads a `tracestate`. W3C: a list with one malformed member or more than 32 is discarded whole. Of two members of one key the first, which
 * is the newer one, counts; of a list that is too long as many go as must.
 *
 * @param isWanted - a member that may not be passed on is left out
 * @returns null for a malformed list
 */
export const parseTraceState = (
  header: string,
  isWanted: (member: string) => boolean = () => true,
): TraceState | null => {
  const texts = header.split(',').map(trimmed).filter(Boolean);
  if (texts.length > MAX_MEMBERS) return null;
  const members = new Map<string, string>();
  for (const text of texts) {
    const member = parseMember(text);
    if (!member) return null;
    const [key, value] = member;
    if (!members.has(key) && isWanted(text)) members.set(key, value);
  }
  return createTraceState(bounded([...members], 0));
};
