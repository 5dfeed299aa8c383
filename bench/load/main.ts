import type { LoadAnswer, LoadQuestion } from './messages.ts';
import { type OpenStreams, openStreams, runLoad } from './run.ts';

/** The load generator, a process of its own: takes one question at a time over IPC. */

let open: OpenStreams | null = null;

const release = async (model: string): Promise<LoadAnswer> => {
  if (!open) throw new Error('no stream is open');
  await (await fetch(`${model}/release`, { method: 'POST' })).text();
  const result = await open.ended;
  open = null;
  return { type: 'result', result };
};

const answer = async (question: LoadQuestion): Promise<LoadAnswer> => {
  switch (question.type) {
    case 'run':
      return { type: 'result', result: await runLoad(question, question.ms) };
    case 'open':
      open = await openStreams(question, question.count);
      return { type: 'opened', count: question.count };
    case 'release':
      return release(question.model);
  }
};

process.on('message', (question: LoadQuestion) => {
  answer(question)
    .catch((thrown: unknown): LoadAnswer => ({ type: 'failed', why: String(thrown) }))
    .then((said) => process.send?.(said))
    .catch(() => process.exit(1));
});
process.on('disconnect', () => process.exit(0));
