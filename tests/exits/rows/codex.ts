import { CODEX_MODEL, type CodexHome, createCodexHome } from '../../support/codex.ts';
import { createModelServer, type ModelServer } from '../../support/model-server.ts';
import { killWorker } from '../kill-worker.ts';
import { type Bytes, chat, stream } from '../requests.ts';
import {
  completed,
  failedLate,
  leavesAfter,
  left,
  type Profile,
  type Row,
  reads,
  readsWhile,
  refused,
} from '../row.ts';
import { answerBegan, turnTaken, underWay } from '../when.ts';
import { untold } from './endings.ts';

const on = { model: CODEX_MODEL };
const tool = { type: 'function', function: { name: 'get_weather' } };
const streams = (script: string): Bytes => stream(`[[${script}]]`, on);
const whole = (script: string): Bytes => chat(`[[${script}]]`, on);

/** A gateway with a Codex of its own, whose model is a server of ours. */
const withCodex = (
  name: string,
  rows: readonly Row[],
  more: Partial<Profile> & { env?: object } = {},
): Profile => {
  const { env = {}, ...others } = more;
  let model: ModelServer | undefined;
  let home: CodexHome | undefined;
  return {
    name,
    rows,
    ...others,
    async open() {
      model = await createModelServer();
      home = await createCodexHome({ modelUrl: model.url });
      return {
        ...home.env,
        PROXY_APP_SERVER_CMD: home.command,
        PROXY_CODEX_WORKDIR: home.workdir,
        // On a busy machine Codex may take its time to heed an interrupt: what becomes of the turn is the row, not how soon.
        PROXY_INTERRUPT_TIMEOUT_MS: '30000',
        ...env,
      };
    },
    close: () => Promise.all([model?.close(), home?.remove()]),
  };
};

export const codex: Profile = withCodex('codex', [
  {
    name: 'with a streamed answer of Codex',
    run: reads(streams('plain')),
    expected: completed('stream, [DONE]'),
  },
  { name: 'with a plain answer of Codex', run: reads(whole('plain')), expected: completed('JSON') },
  {
    name: 'because the model server of Codex fails',
    run: reads(streams('http-error')),
    expected: refused(502, 'backend_error', 'backend_error', '++!++'),
  },
  {
    name: "because the rate limit of Codex's model server is reached",
    run: reads(whole('rate-limit')),
    expected: refused(429, 'rate_limit_exceeded', 'rate_limited', '++!++'),
  },
  {
    name: 'because the model server of Codex fails in mid-stream',
    run: reads(streams('drop')),
    expected: failedLate('backend_error', 'backend_error'),
  },
  {
    name: 'because Codex has twice not called the tool that was demanded',
    run: reads(chat('[[plain]]', { ...on, tools: [tool], tool_choice: 'required' })),
    expected: refused(502, 'tool_not_called', 'backend_error', '++!++', { usage: 'partial' }),
  },
  {
    name: 'because Codex has twice answered without the JSON that was asked for',
    run: reads(stream('[[plain]]', { ...on, response_format: { type: 'json_object' } })),
    expected: refused(502, 'invalid_json_answer', 'backend_error', '++!++', { usage: 'partial' }),
  },
  {
    name: 'because the client leaves Codex before the first word',
    run: leavesAfter(streams('silent'), turnTaken),
    turns: ['interrupted', 'killed with its process'],
    expected: left({ phases: '+++-+' }),
  },
  {
    name: 'because the client leaves Codex in mid-stream',
    run: leavesAfter(streams('hang'), answerBegan),
    expected: left({ status: 200, answer: 'stream, cut', phases: '+++++', recorded: 200 }),
  },
  {
    name: 'because the client closes at the last frame of Codex',
    run: leavesAfter(streams('plain'), (_, wire) => wire.until('[DONE]')),
    expected: completed('stream, [DONE]'),
  },
  {
    name: 'because Codex dies before its first word',
    run: readsWhile(streams('silent'), async (stage) => {
      await turnTaken(stage);
      await killWorker(stage.gateway);
    }),
    expected: refused(502, 'backend_exited', 'backend_exit', '++!++'),
    alone: true,
  },
  {
    name: 'because Codex dies in mid-stream',
    run: readsWhile(streams('hang'), async (stage, wire) => {
      await answerBegan(stage, wire);
      await killWorker(stage.gateway);
    }),
    expected: failedLate('backend_exited', 'backend_exit'),
    alone: true,
  },
]);

export const codexShutdown: Profile = withCodex(
  'codex-shutdown',
  [
    {
      name: 'because the gateway of Codex is told to stop and its grace is over in mid-stream',
      run: readsWhile(streams('hang'), async (stage, wire) => {
        await answerBegan(stage, wire);
        process.kill(stage.gateway.pid, 'SIGTERM');
      }),
      expected: failedLate('shutting_down', 'overloaded'),
    },
  ],
  { ends: true, env: { PROXY_DRAIN_MS: '300' } },
);

export const codexKilled: Profile = withCodex(
  'codex-killed',
  [
    {
      name: 'with the gateway of Codex, which is killed (SIGKILL)',
      run: readsWhile(streams('slow-hang'), async (stage, wire) => {
        await underWay(stage, wire);
        await stage.gateway.kill('SIGKILL');
      }),
      expected: untold,
    },
  ],
  { ends: true },
);
