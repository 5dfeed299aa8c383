import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cleanEnv } from '../support/gateway.ts';
import type { Backend } from './backends.ts';
import type { Program } from './install.ts';

/** A line that a program writes. `ok` is null where the client does no such thing. */
export type Result = { way: string; case: string; ok: boolean | null; detail?: string };

/** A program that takes longer is ended, and the run with it. */
const PATIENCE_MS = 120_000;

/** Runs a client's program to its end. Rejects where it ended badly, since then cases are missing. */
export const runProgram = async ({ command, args, env }: Program, backend: Backend): Promise<Result[]> => {
  const { model, prompts } = backend;
  const told = JSON.stringify({ baseURL: `${backend.url}/v1`, model, apiKey: 'any', prompts });
  const child = spawn(command, args, {
    env: { ...cleanEnv(), NO_PROXY: '127.0.0.1', ...env, CLIENT_RUN: told },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`${args[0]} ended with ${code ?? signal}: ${stderr.slice(-2000)}`);
  // Some libraries write to stdout too.
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{"way"'))
    .map((line) => JSON.parse(line) as Result);
};
