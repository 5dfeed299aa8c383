import { setImmediate as nextTick, setTimeout as sleep } from 'node:timers/promises';
import { createId } from '../../ids.ts';
import { type Model, type ModelEvent, type ModelRequest, turnError } from '../model.ts';
import { defaultAnswer } from './answer.ts';
import { type Conversation, readConversation } from './conversation.ts';
import { type Program, readProgram, type Step } from './directives.ts';
import { toErrorInfo } from './error-codes.ts';
import { countTokens, usageFrom, usageOf, wordsOf } from './tokens.ts';

export interface EchoModelOptions {
  readonly wordDelayMs: number;
  /** Ends the process: for `/crash`. */
  readonly exit: (code: number) => void;
}

type CallStep = Extract<Step, { type: 'tool' | 'command' }>;
const isCall = (step: Step): step is CallStep => step.type === 'tool' || step.type === 'command';

/** What is left to do: the model is called again after each call of a tool, and goes on behind it. */
const remainingSteps = ({ steps }: Program, callsDone: number): readonly Step[] => {
  const calls = steps.flatMap((step, index) => (isCall(step) ? [index] : []));
  const from = callsDone === 0 ? 0 : (calls[Math.min(callsDone, calls.length) - 1] ?? -1) + 1;
  const rest = steps.slice(from);
  const next = rest.findIndex(isCall);
  return next < 0 ? rest : rest.slice(0, next + 1);
};

const callEvent = (step: CallStep): ModelEvent =>
  step.type === 'tool'
    ? { type: 'tool_call', callId: `call_${createId()}`, name: step.name, arguments: step.arguments }
    : { type: 'command', callId: `call_${createId()}`, command: step.command, ask: step.ask };

/** Makes the deterministic model: its answer is a function of the history alone. */
export const createEchoModel = ({ wordDelayMs, exit }: EchoModelOptions): Model => {
  const pause = (signal: AbortSignal) =>
    wordDelayMs > 0 ? sleep(wordDelayMs, undefined, { signal }) : nextTick(undefined, { signal });

  async function* speak(
    type: 'text' | 'reasoning',
    text: string,
    signal: AbortSignal,
  ): AsyncGenerator<ModelEvent> {
    for (const delta of wordsOf(text)) {
      await pause(signal);
      yield { type, delta };
    }
    if (type === 'text') yield { type: 'message_end' };
  }

  const never = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });

  async function* play(step: Step, answer: () => string, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    switch (step.type) {
      case 'say':
        return yield* speak('text', step.text, signal);
      case 'default':
        return yield* speak('text', answer(), signal);
      case 'think':
        return yield* speak('reasoning', step.text, signal);
      case 'tool':
      case 'command':
        return yield callEvent(step);
      case 'retry':
        return yield {
          type: 'retrying',
          error: turnError('Reconnecting... 1/5', toErrorInfo('responseStreamDisconnected', null)),
        };
      case 'fail':
        return yield {
          type: 'failed',
          error: turnError(`told to fail: ${step.code}`, toErrorInfo(step.code, step.httpStatus)),
        };
      case 'deaf':
        return yield { type: 'deaf' };
      case 'garbage':
        return yield { type: 'raw', text: 'this line is no JSON' };
      case 'wait':
        return await sleep(step.ms, undefined, { signal });
      case 'crash':
        return exit(step.exitCode);
      case 'stall':
        for (const delta of wordsOf('This answer stops here ')) {
          await pause(signal);
          yield { type: 'text', delta };
        }
        return await never(signal);
      case 'usage':
        return;
    }
  }

  const usageEvent = (
    request: ModelRequest,
    program: Program,
    text: number,
    reasoning: number,
  ): ModelEvent[] => {
    const told = program.steps.findLast((step) => step.type === 'usage');
    if (!told) return [{ type: 'usage', usage: usageOf(request, { text, reasoning }) }];
    const [input = 0, cached = 0, output = 0, thought = 0] = told.counts ?? [];
    return told.counts ? [{ type: 'usage', usage: usageFrom(input, cached, output, thought) }] : [];
  };

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const conversation: Conversation = readConversation(request.history);
    const program = readProgram(conversation.message);
    const answer = () => defaultAnswer(request, conversation, program.prompt);
    let text = 0;
    let reasoning = 0;
    for (const step of remainingSteps(program, conversation.results.length)) {
      for await (const event of play(step, answer, signal)) {
        if (event.type === 'text') text += countTokens(event.delta);
        if (event.type === 'reasoning') reasoning += countTokens(event.delta);
        if (event.type === 'tool_call') text += countTokens(event.arguments);
        yield event;
        if (event.type === 'failed') return;
      }
    }
    yield* usageEvent(request, program, text, reasoning);
  }

  const info = {
    id: 'throughline-echo',
    displayName: 'Throughline Echo',
    description: 'Deterministic: says the prompt back, and does what its directives tell.',
  };
  return { info, stream };
};
