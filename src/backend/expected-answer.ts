import { type GatewayError, toGatewayError } from '../errors.ts';
import type { CallContext, RunningTurn, TraceSpan, TurnBackend } from '../gateway/ports.ts';
import type { Expected, Item, Turn, TurnEvent, TurnEvents, Usage } from '../gateway/turn.ts';
import { isTooMuchToParse } from '../json-values.ts';
import { createPace, type Pace } from '../pace.ts';
import { piecesOf } from '../pieces.ts';
import { createAnswerBound } from './answer-bound.ts';
import { failureOf, reminderOf, rulesOf } from './answer-rules.ts';
import { createHeldChars, type HeldChars } from './held-chars.ts';
import { stepsOf } from './steps.ts';
import { sumUsage } from './usage-sum.ts';

type Done = Extract<TurnEvent, { type: 'done' }>;
type Content = Exclude<TurnEvent, Done | { type: 'usage' } | { type: 'failed' }>;

const textOf = (content: readonly Content[]): string => {
  const texts = content.filter((event) => event.type === 'text');
  // What the model says on the way is no part of the answer, and without a word about it the last message is.
  const last = texts.findLast(({ phase }) => phase !== 'commentary')?.message;
  return texts.flatMap(({ message, delta }) => (message === last ? [delta] : [])).join('');
};

/** A longer delta is told in pieces. */
const TOLD_CHARS = 64 * 1024;

const isObject = async (text: string, pace: Pace): Promise<boolean> => {
  // An answer of so many values is not what was asked for.
  if (await isTooMuchToParse(text, pace)) return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

/** Whether the answer is what was expected. One that ended early, or was filtered, is what it is. */
const isAsExpected = async (
  { mustCall, isJson }: Expected,
  content: readonly Content[],
  { finishReason }: Done,
  pace: Pace,
): Promise<boolean> => {
  if (finishReason === 'tool_calls') return true;
  if (finishReason !== 'stop') return true;
  return !mustCall && (!isJson || (await isObject(textOf(content), pace)));
};

/** The first call alone where more were not wanted, and the JSON alone where that is the answer. */
const shaped = (
  { oneCall, isJson }: Expected,
  content: readonly Content[],
  { finishReason }: Done,
): Content[] => {
  const first = content.find(({ type }) => type === 'tool_call');
  const kept = content.filter((event) => event.type !== 'tool_call' || !oneCall || event === first);
  if (!isJson || finishReason !== 'stop') return kept;
  const text = textOf(content);
  const answer = kept.find((event) => event.type === 'text' && event.phase !== 'commentary');
  const others = kept.filter(({ type }) => type !== 'text');
  if (answer?.type !== 'text') return others;
  return [...others, ...[...piecesOf(text, TOLD_CHARS)].map((delta) => ({ ...answer, delta }))];
};

/** Nothing has to be held back for that: calls come one after the other. */
async function* onlyFirstCall(events: TurnEvents): AsyncGenerator<readonly TurnEvent[], void> {
  let hasCalled = false;
  const isWanted = ({ type }: TurnEvent): boolean => {
    const isFurther = type === 'tool_call' && hasCalled;
    hasCalled ||= type === 'tool_call';
    return !isFurther;
  };
  for await (const step of events) {
    const wanted = step.filter(isWanted);
    if (wanted.length > 0) yield wanted;
  }
}

/** The turn once more, behind what was said to it, with a reminder. */
const remind = (turn: Turn, expected: Expected, said: string): Turn => {
  const message = (role: 'user' | 'assistant', parts: Turn['input']): Item[] =>
    parts === null ? [] : [{ type: 'message', role, parts }];
  return {
    ...turn,
    history: [
      ...turn.history,
      ...message('user', turn.input),
      ...message('assistant', said === '' ? null : [{ type: 'text', text: said }]),
    ],
    input: [{ type: 'text', text: reminderOf(expected, turn.tools) }],
  };
};

/** What a try came to, where it has not failed. */
interface Tried {
  readonly done: Done;
  readonly content: readonly Content[];
  /** Of this try alone. */
  readonly usage: Usage | null;
}

/** Ends with this error, and with what was used by then. */
const failed = (error: GatewayError, usage: Usage | null): TurnEvent[] => [
  ...(usage ? [{ type: 'usage', usage, isPartial: true } as const] : []),
  { type: 'failed', error },
];

/** One try, all of it; or how it has failed, with what was used by then: `total` adds what was used before. Null: it ended without an end. */
const attempt = async (
  { events }: RunningTurn,
  total: (usage: Usage | null) => Usage | null,
  held: HeldChars,
): Promise<Tried | TurnEvent[] | null> => {
  const content: Content[] = [];
  const bound = createAnswerBound(held);
  let usage: Usage | null = null;
  try {
    for await (const step of events) {
      for (const event of step) {
        const error = event.type === 'failed' ? event.error : bound.take(event);
        if (error) return failed(error, total(usage));
        if (event.type === 'done') return { done: event, content, usage };
        if (event.type === 'usage') usage = event.usage;
        else if (event.type !== 'failed') content.push(event);
      }
    }
    return null;
  } finally {
    bound.close();
  }
};

/** A turn whose answer is held back until it is known to be what was expected, and which is tried twice. */
const createTries = (
  backend: TurnBackend,
  context: CallContext,
  turn: Turn,
  expected: Expected,
  first: RunningTurn,
  { held, pace }: { readonly held: HeldChars; readonly pace: Pace },
): RunningTurn => {
  let running = first;
  let { span } = context;
  let earlier: Usage | null = null;
  let isReleased = false;

  const total = (usage: Usage | null): Usage | null =>
    usage && earlier ? sumUsage(earlier, usage) : (usage ?? earlier);

  async function* tell(): AsyncGenerator<readonly TurnEvent[], void> {
    for (const isLast of [false, true]) {
      const ended = await attempt(running, total, held);
      if (!ended) return;
      if (!('done' in ended)) return yield ended;
      const { done, content, usage } = ended;
      const used = total(usage);
      const told = (isPartial: boolean): TurnEvent[] =>
        used ? [{ type: 'usage', usage: used, isPartial }] : [];
      if (await isAsExpected(expected, content, done, pace)) {
        yield* stepsOf(shaped(expected, content, done));
        return yield [...told(usage === null), done];
      }
      if (isLast) return yield [...told(false), { type: 'failed', error: failureOf(expected) }];
      earlier = used;
      try {
        running = await backend.submit(
          { span, signal: context.signal },
          remind(turn, expected, textOf(content)),
        );
      } catch (thrown) {
        return yield failed(toGatewayError(thrown), used);
      }
      running.attach(span);
      if (isReleased) running.release();
    }
  }

  return {
    ...first,
    events: tell(),
    attach(next: TraceSpan) {
      span = next;
      running.attach(next);
    },
    async stop() {
      const { usage, isComplete } = await running.stop();
      return { usage: total(usage), isComplete };
    },
    release() {
      isReleased = true;
      running.release();
    },
  };
};

/**
 * A backend whose answers are what the client demands where the backend itself knows no such demand: the model is told the rules, and an
 * answer that breaks them is asked for once more, and fails then.
 */
export const withExpectedAnswers = (
  backend: TurnBackend,
  held: HeldChars = createHeldChars(),
  pace: Pace = createPace(),
): TurnBackend => ({
  ...backend,
  async submit(context, turn) {
    const { expected } = turn;
    if (!expected) return backend.submit(context, turn);
    const ruled: Turn = { ...turn, rules: rulesOf(expected, turn.tools) };
    const running = await backend.submit(context, ruled);
    if (!expected.mustCall && !expected.isJson) return { ...running, events: onlyFirstCall(running.events) };
    return createTries(backend, context, ruled, expected, running, { held, pace });
  },
});
