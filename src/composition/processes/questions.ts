import type { Timers } from '../../later.ts';
import type { Asking, Question } from './messages.ts';

/** Questions over a channel that may end, or whose other side may hang. */
export interface Questions {
  /** Resolves with the answer; null when none comes in time. */
  ask(question: Question): Promise<unknown>;
  receive(message: Asking): void;
  /** No answer will come any more. */
  close(): void;
}

interface QuestionsDeps {
  readonly send: (message: Asking) => void;
  readonly answer: (question: Question) => Promise<unknown>;
  readonly timers: Pick<Timers, 'later'>;
  readonly waitMs: number;
}

export const createQuestions = ({ send, answer, timers, waitMs }: QuestionsDeps): Questions => {
  const open = new Map<number, (value: unknown) => void>();
  let lastId = 0;
  return {
    ask(question) {
      const id = ++lastId;
      const { promise, resolve } = Promise.withResolvers<unknown>();
      const cancel = timers.later(waitMs, () => end(null));
      const end = (value: unknown): void => {
        cancel();
        open.delete(id);
        resolve(value);
      };
      open.set(id, end);
      send({ type: 'question', id, question });
      return promise;
    },
    receive(message) {
      if (message.type === 'answer') return open.get(message.id)?.(message.value);
      const { id } = message;
      const reply = (value: unknown): void => send({ type: 'answer', id, value });
      void answer(message.question).then(reply, () => reply(null));
    },
    close() {
      for (const end of open.values()) end(null);
    },
  };
};
