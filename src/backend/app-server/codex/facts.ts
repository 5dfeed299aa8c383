import { readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import type { RpcConnection } from '../rpc/connection.ts';
import { RpcCallError } from '../rpc/pending.ts';
import { readResult } from '../rpc/result.ts';

/** What is to be known of a Codex before it can be closed. */
export interface CodexFacts {
  /** Its program, which the sandbox has to let in; null where it cannot be told. */
  readonly program: string | null;
  /** The names of the MCP servers of its configuration. */
  readonly mcpServers: readonly string[];
  /** The names of its skills. */
  readonly skills: readonly string[];
}

/** Of a backend that is no Codex, or whose tools stay open. */
export const NO_FACTS: CodexFacts = { program: null, mcpServers: [], skills: [] };

const configuration = z.looseObject({
  config: z.looseObject({ mcp_servers: z.record(z.string(), z.unknown()).nullish() }),
});
const skillList = z.looseObject({
  data: z.array(z.looseObject({ skills: z.array(z.looseObject({ name: z.string() })) })),
});

/** How an app-server says that it does not know a method: in JSON-RPC's words, or in Codex's. */
const UNKNOWN_METHOD: ReadonlySet<number> = new Set([-32601, -32600]);

/**
 * What `read` finds in the answer; what the app-server does not know, it has none of. Any other refusal fails the start: what is not
 * known cannot be closed.
 */
const ask = async <Result>(
  rpc: RpcConnection,
  method: string,
  params: object,
  schema: z.ZodType<Result>,
  none: Result,
): Promise<Result> => {
  const read = (result: unknown): Result => readResult(schema, method, result);
  return rpc.callRpc(null, method, params, read).catch((thrown: unknown) => {
    if (thrown instanceof RpcCallError && UNKNOWN_METHOD.has(thrown.code)) return none;
    throw thrown;
  });
};

/** Codex's tools that its configuration adds, by name: each has to be closed by its name. */
export const findAddedTools = async (
  rpc: RpcConnection,
  cwd: string,
): Promise<Pick<CodexFacts, 'mcpServers' | 'skills'>> => {
  const { config } = await ask(rpc, 'config/read', {}, configuration, { config: {} });
  const { data } = await ask(rpc, 'skills/list', { cwds: [cwd] }, skillList, { data: [] });
  return {
    mcpServers: Object.keys(config.mcp_servers ?? {}),
    skills: [...new Set(data.flatMap(({ skills }) => skills.map(({ name }) => name)))],
  };
};

const CODEX = /^codex(?:[-.]|$)/;

/** Linux alone tells it. `codex` may be a script that has started the program as its child. */
export const findProgram = async (pid: number | undefined): Promise<string | null> => {
  if (pid === undefined) return null;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  for (const candidate of [pid, ...children.split(' ').filter(Boolean)]) {
    const program = await readlink(`/proc/${candidate}/exe`).catch(() => '');
    if (CODEX.test(basename(program))) return program;
  }
  return null;
};
