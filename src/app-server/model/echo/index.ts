import { setImmediate as nextTick } from 'node:timers/promises';
import type { ProtocolMessagePhase } from '../../../app-server-protocol/items.ts';
import type { LanguageModel, ModelEvent, ModelRequest } from '../model.ts';
import { defaultAnswer } from './answer.ts';
import { readConversation } from './conversation.ts';
import { type Program, readProgram, type Step } from './directives.ts';
import { createPlayer, type PlayerOptions } from './player.ts';
import { countedUsage, countTokens, type OutputCounts, usageFrom } from './tokens.ts';

const SPEAKS: ReadonlySet<Step['type']> = new Set(['say', 'long', 'default', 'stall']);

const isCall = ({ type }: Step) => type === 'tool' || type === 'command';

const isJoined = (step: Step | undefined) => step?.type === 'tool' && step.joined;

/** Up to and with the next calls: those of one response are made together. */
const untilCalls = (steps: readonly Step[]): readonly Step[] => {
  const next = steps.findIndex(isCall);
  const behind = steps.findIndex((step, index) => index > next && !isJoined(step));
  return next < 0 || behind < 0 ? steps : steps.slice(0, behind);
};

/** What is left to do: the model is called again after each call of a tool, and goes on behind it. */
const remainingSteps = ({ steps }: Program, callsDone: number): readonly Step[] => {
  const calls = steps.flatMap((step, index) => (isCall(step) ? [index] : []));
  const from = callsDone === 0 ? 0 : (calls[Math.min(callsDone, calls.length) - 1] ?? -1) + 1;
  return untilCalls(steps.slice(from));
};

/** What is said with more to say or to do behind it was said on the way. */
const phaseOf = (step: Step, { steps }: Program): ProtocolMessagePhase => {
  const goesOn = steps.slice(steps.indexOf(step) + 1).some((next) => isCall(next) || SPEAKS.has(next.type));
  return goesOn ? 'commentary' : 'final_answer';
};

const usageEvents = (request: ModelRequest, program: Program, counts: OutputCounts): ModelEvent[] => {
  const told = program.steps.findLast((step) => step.type === 'usage');
  if (!told) return [{ type: 'usage', usage: countedUsage(request, counts) }];
  const [input = 0, cached = 0, output = 0, reasoning = 0] = told.counts ?? [];
  return told.counts ? [{ type: 'usage', usage: usageFrom(input, cached, output, reasoning) }] : [];
};

const createCounter = () => {
  const counts = { text: 0, reasoning: 0 };
  const count = (event: ModelEvent) => {
    if (event.type === 'text') counts.text += countTokens(event.delta);
    if (event.type === 'reasoning') counts.reasoning += countTokens(event.delta);
    if (event.type === 'tool_call') counts.text += countTokens(event.arguments);
  };
  return { counts, count };
};

export interface EchoOptions extends PlayerOptions {
  /** Whether a prompt may break things: for tests alone. */
  readonly faults: boolean;
}

/** Makes the deterministic model: its answer is a function of the history alone. */
export const createEchoModel = (options: EchoOptions): LanguageModel => {
  const play = createPlayer(options);

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const conversation = readConversation(request.history);
    const program = readProgram(conversation.message, options.faults);
    const answer = () => defaultAnswer(request, conversation, program.prompt);
    const { counts, count } = createCounter();
    for (const step of remainingSteps(program, conversation.results.length)) {
      const phase = phaseOf(step, program);
      for await (const event of play(step, answer, signal)) {
        count(event);
        yield event.type === 'text' ? { ...event, phase } : event;
        if (event.type === 'failed') return;
      }
    }
    yield* usageEvents(request, program, counts);
  }

  const info = {
    id: 'throughline-echo',
    displayName: 'Throughline Echo',
    description: 'Deterministic: says the prompt back, and does what its directives tell.',
  };
  return {
    info,
    async respond(request, emit, signal) {
      // A turn of many calls leaves room for the others between them.
      await nextTick(undefined, { signal });
      for await (const event of stream(request, signal)) {
        signal.throwIfAborted();
        await emit(event);
      }
    },
  };
};
