import { setImmediate as nextTick, setTimeout as sleep } from 'node:timers/promises';
import { createId } from '../../ids.ts';
import { type ModelEvent, turnError } from '../model.ts';
import type { Step } from './directives.ts';
import { toErrorInfo } from './error-codes.ts';
import { wordsOf } from './tokens.ts';

export interface PlayerOptions {
  readonly wordDelayMs: number;
  /** Ends the process: for `/crash`. */
  readonly exit: (code: number) => void;
}

/** Plays one step; `answer` is what the default step says. */
export type Play = (step: Step, answer: () => string, signal: AbortSignal) => AsyncGenerator<ModelEvent>;

const STALLED = 'This answer stops here ';

const failed = (step: Extract<Step, { type: 'fail' }>): ModelEvent => ({
  type: 'failed',
  error: turnError(`told to fail: ${step.code}`, toErrorInfo(step.code, step.httpStatus)),
});

const RETRYING: ModelEvent = {
  type: 'retrying',
  error: turnError('Reconnecting... 1/5', toErrorInfo('responseStreamDisconnected', null)),
};

const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

function* countedWords(count: number): Generator<string> {
  for (let number = 1; number < count; number++) yield `word${number} `;
  yield `word${count}`;
}

const createWords = (wordDelayMs: number) => {
  const pause = (signal: AbortSignal) =>
    wordDelayMs > 0 ? sleep(wordDelayMs, undefined, { signal }) : nextTick(undefined, { signal });
  return async function* words(
    type: 'text' | 'reasoning',
    text: Iterable<string>,
    signal: AbortSignal,
  ): AsyncGenerator<ModelEvent> {
    for (const delta of text) {
      await pause(signal);
      yield { type, delta };
    }
  };
};

/** Makes the player of steps; it waits on timers alone, and ends at once when the signal aborts. */
export const createPlayer = ({ wordDelayMs, exit }: PlayerOptions): Play => {
  const words = createWords(wordDelayMs);

  async function* say(text: Iterable<string>, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    yield* words('text', text, signal);
    yield { type: 'message_end' };
  }

  return async function* play(step, answer, signal) {
    switch (step.type) {
      case 'say':
        return yield* say(wordsOf(step.text), signal);
      case 'long':
        return yield* say(countedWords(step.words), signal);
      case 'default':
        return yield* say(wordsOf(answer()), signal);
      case 'think':
        return yield* words('reasoning', wordsOf(step.text), signal);
      case 'tool':
        return yield {
          type: 'tool_call',
          callId: `call_${createId()}`,
          name: step.name,
          arguments: step.arguments,
        };
      case 'command':
        return yield { type: 'command', callId: `call_${createId()}`, command: step.command, ask: step.ask };
      case 'retry':
        return yield RETRYING;
      case 'fail':
        return yield failed(step);
      case 'deaf':
        return yield { type: 'deaf' };
      case 'garbage':
        return yield { type: 'raw', text: 'this line is no JSON' };
      case 'wait':
        return await sleep(step.ms, undefined, { signal });
      case 'crash':
        return exit(step.exitCode);
      case 'stall':
        yield* words('text', wordsOf(STALLED), signal);
        return await never(signal);
      case 'usage':
        return;
    }
  };
};
