import type { SiblingHealth } from '../../http/health.ts';
import { mergeHealth } from './health.ts';
import type { ProcessHealth, Question } from './messages.ts';
import type { Questions } from './questions.ts';
import type { Supervised } from './supervised.ts';

/** A process that can be asked, beside what is known of it without asking. */
export interface Sibling {
  readonly process: Pick<Supervised, 'state' | 'pid' | 'restarts' | 'retryInMs'>;
  readonly questions: Questions;
}

/** Answers what one process asks of all. */
export interface Siblings {
  answer(question: Question, asking: Sibling): Promise<unknown>;
}

/** Shorter than what the process that asks waits: one that hangs must not hide what the others say. */
export const SIBLING_ANSWER_MS = 500;

const reportOf = ({ process }: Sibling, answered: ProcessHealth | null): SiblingHealth => ({
  pid: process.pid,
  state: process.state === 'ready' && !answered ? 'unresponsive' : process.state,
  restarts: process.restarts,
  retryInMs: process.retryInMs,
  uptimeMs: answered?.uptimeMs ?? null,
  openRequests: answered?.health.openRequests ?? null,
});

export const createSiblings = (all: () => readonly Sibling[]): Siblings => {
  const isUp = ({ process }: Sibling): boolean => process.state === 'ready';

  const health = async (asking: Sibling) => {
    const siblings = all();
    const answered = await Promise.all(
      siblings.map(async (sibling) =>
        isUp(sibling) ? ((await sibling.questions.ask({ type: 'health' })) as ProcessHealth | null) : null,
      ),
    );
    const own = answered[siblings.indexOf(asking)];
    if (!own) return null;
    return mergeHealth(
      own.health,
      answered.flatMap((one) => one?.health ?? []),
      siblings.map((sibling, index) => reportOf(sibling, answered[index] ?? null)),
    );
  };

  const makerOf = async (question: Question, asking: Sibling): Promise<unknown> => {
    const others = all().filter((sibling) => sibling !== asking && isUp(sibling));
    const answers = await Promise.all(others.map(({ questions }) => questions.ask(question)));
    return answers.find((maker) => typeof maker === 'string') ?? null;
  };

  return {
    answer: (question, asking) => (question.type === 'health' ? health(asking) : makerOf(question, asking)),
  };
};
