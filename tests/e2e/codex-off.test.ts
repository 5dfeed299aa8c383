import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CODEX_MODEL } from '../support/codex.ts';
import {
  attack,
  callIn,
  exec,
  offeredTools,
  PLANTED,
  PLANTED_ENV,
  PLANTED_HOME,
  patchOf,
  plant,
} from '../support/codex-attack.ts';
import { isReady } from '../support/gateway.ts';
import { ALL_PHASES, phaseCounts } from '../support/records.ts';
import { clientOf, useCodexGateway } from '../support/use-gateway.ts';

const MCP_SERVER = fileURLToPath(new URL('../fixtures/mcp-server.mjs', import.meta.url));

/** All models that Codex lists: each has its tools in its own way. */
const modelsOf = async ({ openai }: ReturnType<typeof useCodexGateway>): Promise<string[]> =>
  (await openai.models.list()).data.map(({ id }) => id);

describe('the real Codex behind a gateway that several clients have keys for', () => {
  const running = useCodexGateway({
    env: { ...PLANTED_ENV, PROXY_CODEX_WORKDIR: '', PROXY_API_KEYS: 'alice:sk-alice,bob:sk-bob' },
    home: {
      extraConfig: `[mcp_servers.files]\ncommand = "${process.execPath}"\nargs = ["${MCP_SERVER}"]\n`,
      files: PLANTED_HOME,
    },
  });
  beforeAll(async () => {
    running.openai = clientOf(running.gateway, 'sk-bob');
    await plant(running);
  });

  it('offers the model no tool that reads, writes, runs or spawns anything, whichever model it is', async () => {
    const left: Record<string, string[]> = {};
    for (const modelName of await modelsOf(running)) {
      await attack(running, [], { modelName });
      left[modelName] = offeredTools(running.model.calls[0]?.body);
    }
    expect(Object.keys(left).length).toBeGreaterThan(5);
    expect(left[CODEX_MODEL]).toEqual([]);
    const forbidden =
      /^(?:exec_command|write_stdin|shell\w*|view_image|web_search|update_plan|\w*_goal|read_mcp\w*)$/;
    expect(
      Object.values(left)
        .flat()
        .filter((name) => forbidden.test(name) || /^mcp__/.test(name)),
    ).toEqual([]);
  });

  it('tells the model that it has none', async () => {
    await attack(running, []);
    expect(JSON.stringify(running.model.calls[0]?.body.input)).toContain(
      'You have no tools of your own here',
    );
  });

  it('runs nothing that a model asks for all the same', async () => {
    const told = await attack(running, [
      { do: 'call', name: 'exec_command', arguments: { cmd: 'env' } },
      { do: 'call', name: 'shell_command', arguments: { command: 'env' } },
      { do: 'call', name: 'view_image', arguments: { path: join(running.gateway.cwd, 'picture.png') } },
      { do: 'call', name: 'mcp__files__read', arguments: {} },
    ]);
    expect(told).toHaveLength(4);
    for (const output of told) expect(output).toMatch(/^"unsupported call: /);
  });

  it('runs nothing inside the freeform tool of the catalogue’s models either', async () => {
    const secrets = join(running.gateway.cwd, '.env');
    const inside = (call: string) =>
      exec(`try { text(JSON.stringify(await ${call})) } catch (e) { text('no: ' + e) }`);
    const told = await attack(
      running,
      [
        inside(`tools.exec_command({ cmd: 'cat ${secrets}' })`),
        inside(`tools.view_image({ path: ${JSON.stringify(join(running.gateway.cwd, 'picture.png'))} })`),
        inside('tools.mcp__files__read({})'),
        inside(`tools.apply_patch(${JSON.stringify(patchOf(secrets, `KEY=${PLANTED}-dotenv`))})`),
        inside(`tools.apply_patch(${JSON.stringify(patchOf(secrets, 'another line'))})`),
      ],
      { modelName: 'gpt-6.1-sol' },
    );
    expect(told).toHaveLength(5);
    // The catalogue that the gateway names has no such tool.
    for (const output of told) expect(output).toContain('unsupported custom tool call');
    expect(await readFile(secrets, 'utf8')).toBe(`KEY=${PLANTED}-dotenv\n`);
  });

  it.each([
    ['gpt-6.1-sol', 'collaboration'],
    ['gpt-5.6-luna', 'multi_agent_v1'],
  ])('spawns no agent, on %s', async (modelName, namespace) => {
    const spawn = callIn(namespace, 'spawn_agent', { message: 'x', task_name: 'x', fork_turns: 'none' });
    const [told] = await attack(running, [spawn], { modelName });
    expect(told).toContain('unsupported call');
    expect(running.model.calls).toHaveLength(2);
  });

  it('gives nobody a skill of the operator’s who writes its name', async () => {
    await attack(running, [], { text: 'use $private, and $imagegen' });
    const sent = JSON.stringify(running.model.calls[0]?.body);
    expect(sent).toContain('use $private');
    expect(sent).not.toContain(PLANTED);
    expect(sent).not.toContain('of the operator');
    expect(sent).not.toContain('SKILL.md');
  });

  it('carries the tools of its client, their usage and their trace as before', async () => {
    const weather = {
      type: 'function',
      function: { name: 'get_weather', parameters: { type: 'object' } },
    } as const;
    const { data, request_id } = await running.openai.chat.completions
      .create({ model: CODEX_MODEL, tools: [weather], messages: [{ role: 'user', content: '[[tool]]' }] })
      .withResponse();
    expect(data.choices[0]?.message.tool_calls).toMatchObject([{ function: { name: 'get_weather' } }]);
    expect(data.usage?.total_tokens).toBe(150);
    expect(offeredTools(running.model.calls[0]?.body)).toEqual(['get_weather']);
    const reqId = String(request_id);
    const lines = await running.gateway.waitForMirror(
      (all) => phaseCounts(all, reqId).usage_summary === 1 && all,
    );
    expect(phaseCounts(lines, reqId)).toEqual(ALL_PHASES);
  });

  it('says so in the start line', () => {
    expect(running.gateway.log.find(isReady)).toMatchObject({
      codex_tools: 'off',
      codex_open: [expect.stringContaining('hooks')],
    });
  });
});
