import { fileURLToPath } from 'node:url';
import { chat, stream } from '../requests.ts';
import {
  completed,
  failedLate,
  leavesAfter,
  left,
  type Profile,
  reads,
  readsWhile,
  refused,
  type Stage,
} from '../row.ts';
import { answerBegan, threadAsked, turnOver } from '../when.ts';
import type { Wire } from '../wire.ts';

const MISBEHAVING = fileURLToPath(new URL('../../fixtures/misbehaving/main.mjs', import.meta.url));
export const misbehaving = { PROXY_APP_SERVER_CMD: `${process.execPath} ${MISBEHAVING}` };

const of = (model: string) => ({ model });
const exited = (phases: string) => refused(502, 'backend_exited', 'backend_exit', phases);

/** A backend process that dies. Each row ends one, so they run one by one. */
export const crashes: Profile = {
  name: 'crashes',
  open: () => misbehaving,
  rows: [
    {
      name: 'because the backend dies before it has taken a thread',
      run: reads(chat('hi', of('dies-at-thread-start'))),
      expected: exited('+!-++'),
      alone: true,
    },
    {
      name: 'because the backend dies before it has taken the turn',
      run: reads(stream('hi', of('dies-at-turn-start'))),
      expected: exited('+!-++'),
      alone: true,
    },
    {
      name: 'because the backend dies before its first word',
      run: reads(stream('hi', of('dies-before-its-first-word'))),
      expected: exited('++!++'),
      alone: true,
    },
    {
      name: 'because the backend dies in mid-stream',
      run: reads(stream('hi', of('dies-in-mid-stream'))),
      expected: failedLate('backend_exited', 'backend_exit'),
      alone: true,
    },
    {
      name: 'with an answer of the backend that is started after one that died',
      run: reads(chat('hi', of('writes-garbage'))),
      expected: completed('JSON', { usage: 'missing' }),
      alone: true,
    },
  ],
};

/** A backend process that lives, and does not do what it should. */
export const misbehaviour: Profile = {
  name: 'misbehaviour',
  open: () => ({
    ...misbehaving,
    PROXY_CONNECT_TIMEOUT_MS: '2500',
    PROXY_INTERRUPT_TIMEOUT_MS: '500',
  }),
  rows: [
    {
      name: 'with an answer between lines of garbage from the backend',
      run: reads(stream('hi', of('writes-garbage'))),
      expected: completed('stream, [DONE]', { usage: 'missing' }),
    },
    {
      name: 'because the backend says something that cannot be read',
      run: reads(stream('hi', of('sends-a-malformed-notification'))),
      expected: refused(502, 'backend_error', 'backend_error', '++!++'),
    },
    {
      name: 'because the backend answers with something that cannot be read',
      run: reads(chat('hi', of('answers-nonsense'))),
      expected: refused(502, 'backend_error', 'backend_error', '+!-++'),
    },
    {
      name: 'because the backend refuses the turn',
      run: reads(chat('hi', of('refuses-the-turn'))),
      expected: refused(502, 'backend_error', 'backend_error', '+!-++'),
    },
    {
      name: 'because the backend stops the turn by itself',
      run: reads(chat('hi', of('interrupts-itself'))),
      expected: refused(502, 'backend_error', 'backend_error', '++!++'),
    },
    {
      name: 'because the backend does not take the turn in time',
      run: reads(stream('hi', of('never-takes-a-thread'))),
      expected: refused(504, 'backend_connect_timeout', 'timeout', '+!-++'),
      alone: true,
    },
    {
      name: 'because the client leaves while the backend takes the turn',
      run: leavesAfter(stream('hi', of('never-takes-a-thread')), threadAsked),
      expected: left({ phases: '++--+' }),
      alone: true,
    },
    {
      name: "because the client's own deadline is over while the backend takes the turn",
      run: reads(chat('hi', { ...of('never-takes-a-thread'), headers: { 'x-request-timeout-ms': '1000' } })),
      expected: refused(504, 'request_deadline_exceeded', 'timeout', '+!-++'),
      alone: true,
    },
    {
      name: 'because the client leaves, and the backend does not heed the interrupt',
      run: leavesAfter(stream('hi', of('never-heeds-an-interrupt')), answerBegan),
      expected: left({ status: 200, answer: 'stream, cut', phases: '+++++', recorded: 200 }),
      alone: true,
    },
  ],
};

/** The client reads on only when the backend has said all that it has to say, or was stopped. */
const slowly = async (stage: Stage, wire: Wire): Promise<void> => {
  await wire.until('data: ');
  wire.pause();
  await turnOver(stage);
  wire.resume();
};

/** A backend that says more than its client, or the gateway, takes. */
export const flooding: Profile = {
  name: 'flooding',
  // Its rows share one process, which takes a turn when it is done with what it has to say to the others.
  open: () => ({ ...misbehaving, PROXY_CONNECT_TIMEOUT_MS: '60000' }),
  rows: [
    {
      name: 'with an answer that a slow client takes after all',
      run: readsWhile(stream('hi', of('says-much')), slowly),
      expected: completed('stream, [DONE]', { usage: 'missing' }),
    },
    {
      name: 'because the backend says more than a slow client may keep waiting',
      run: readsWhile(stream('hi', of('says-too-much')), slowly),
      expected: failedLate('backend_overloaded', 'overloaded'),
    },
    {
      name: 'because the answer grows larger than one may be',
      run: reads(chat('hi', of('never-stops-talking'))),
      expected: refused(502, 'answer_too_large', 'backend_error', '++!++'),
    },
  ],
};
