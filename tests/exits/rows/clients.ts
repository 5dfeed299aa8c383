import { chat, stream } from '../requests.ts';
import { leavesAfter, left, type Profile, readsWhile } from '../row.ts';
import { answerBegan, turnTaken } from '../when.ts';
import { misbehaving } from './backend.ts';

/** Clients that leave a backend which does as it is told. */
export const leaving: Profile = {
  name: 'leaving',
  open: () => ({}),
  rows: [
    {
      name: 'because the client leaves before the first word',
      run: leavesAfter(stream('/wait 60000'), turnTaken),
      expected: left({ phases: '+++-+' }),
    },
    {
      name: 'because the client of a plain answer leaves before it',
      run: leavesAfter(chat('/wait 60000'), turnTaken),
      expected: left({ phases: '+++-+' }),
    },
    {
      name: 'because the client leaves in mid-stream',
      run: leavesAfter(stream('/stall'), answerBegan),
      expected: left({ status: 200, answer: 'stream, cut', phases: '+++++', recorded: 200 }),
    },
    {
      name: 'because the client leaves in mid-stream, after a first call of the model',
      run: leavesAfter(stream('/run echo hello\n/stall'), answerBegan),
      expected: left({
        status: 200,
        answer: 'stream, cut',
        phases: '+++++',
        recorded: 200,
        usage: 'partial',
      }),
    },
  ],
};

const much = { model: 'says-much' };

/** Clients that do not take what is there for them. */
export const stalling: Profile = {
  name: 'stalling',
  open: () => ({ ...misbehaving, PROXY_CLIENT_STALL_MS: '1000' }),
  rows: [
    {
      name: 'because the client reads nothing for too long',
      run: readsWhile(stream('hi', much), async ({ gateway, reqId }, wire) => {
        await wire.until('data: ');
        wire.pause();
        await gateway.accessLine(reqId);
        wire.leave();
      }),
      expected: left({
        status: 200,
        answer: 'stream, cut',
        code: 'client_stalled',
        phases: '+++++',
        recorded: 200,
      }),
    },
    {
      name: 'because the client leaves before it has taken the last bytes',
      run: leavesAfter(chat('hi', much), (_, wire) => wire.until('chat.completion')),
      expected: left({ status: 200, answer: 'part of the JSON', phases: '+++++', recorded: 200 }),
    },
  ],
};
