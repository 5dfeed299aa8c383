import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CODEX_BIN, type CodexHome } from './codex.ts';

/** A line of `codex exec --json`. */
export type CodexEvent = { type: string; item?: { type: string; text?: string } & Record<string, unknown> };

export type CodexRun = { code: number | null; events: CodexEvent[]; stderr: string };

/** One turn of the real Codex, to its end, as `codex exec` runs it: `args` come before the prompt. */
export const runCodexExec = async (
  home: CodexHome,
  prompt: string,
  args: string[] = [],
): Promise<CodexRun> => {
  const child = spawn(CODEX_BIN, ['exec', '--json', '--skip-git-repo-check', ...args, prompt], {
    cwd: home.workdir,
    env: { ...process.env, ...home.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk;
  });
  const [code] = await once(child, 'close');
  const events = said.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as CodexEvent);
  return { code, events, stderr: said.stderr };
};

/** The texts of the agent's messages, in order. */
export const agentTexts = ({ events }: CodexRun): string[] =>
  events.flatMap(({ type, item }) =>
    type === 'item.completed' && item?.type === 'agent_message' ? [item.text ?? ''] : [],
  );
