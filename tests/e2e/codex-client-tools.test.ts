import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CodexHome, createCodexHome } from '../support/codex.ts';
import { agentTexts, runCodexExec } from '../support/codex-exec.ts';
import { type CodexGateway, startCodexGateway } from '../support/codex-gateway.ts';
import type { ModelRequestBody } from '../support/model-request.ts';

const patchOf = (file: string): string =>
  `*** Begin Patch\n*** Add File: ${file}\n+seen-by-codex\n*** End Patch`;
/** Whose `apply_patch` the model behind the gateway calls: the client's, as the gateway names it over there. */
const APPLY_PATCH = 'client_apply_patch';

const outputsIn = ({ input }: ModelRequestBody): string[] =>
  input.filter(({ type }) => type === 'function_call_output').map(({ output }) => JSON.stringify(output));

/** Codex on both sides: `codex exec` asks the gateway, whose backend is Codex too, with a model server of ours behind that. */
describe('tools of the real Codex as a client, on models of its catalogue', () => {
  let running: CodexGateway;
  let home: CodexHome;

  beforeAll(async () => {
    running = await startCodexGateway();
    // A search of the web is its provider's to run, and the gateway refuses it by name.
    home = await createCodexHome({ modelUrl: running.gateway.url, extraConfig: 'web_search = "disabled"' });
  });
  beforeEach(() => running.model.reset());
  afterAll(async () => {
    await running?.remove();
    await home?.remove();
  });

  it.each(['gpt-5.5', 'gpt-5.6-luna'])(
    '%s patches a file by a freeform tool, and goes on with its output',
    async (model) => {
      const file = `${model}.txt`;
      const patch = patchOf(file);
      const isCodeMode = model !== 'gpt-5.5';
      // A model in code mode has one freeform tool of Codex's, whose text is a script.
      const script = `const r = await tools.apply_patch(${JSON.stringify(patch)}); text(r);`;
      running.model.enqueue(
        {
          steps: [
            isCodeMode
              ? { do: 'call', name: 'exec', arguments: { input: script } }
              : { do: 'call', name: APPLY_PATCH, arguments: { input: patch } },
          ],
        },
        { steps: [{ do: 'message', text: 'It is patched.' }] },
      );
      const run = await runCodexExec(home, 'patch it', ['-m', model, '-s', 'workspace-write']);
      expect(run).toMatchObject({ code: 0 });
      expect(agentTexts(run)).toEqual(['It is patched.']);
      expect(await readFile(join(home.workdir, file), 'utf8')).toBe('seen-by-codex\n');
      expect(running.model.calls).toHaveLength(2);
      expect(outputsIn(running.model.calls[1]?.body as ModelRequestBody)).toHaveLength(1);
    },
  );

  it('are refused by name where only their provider could run them', async () => {
    const searching = await createCodexHome({ modelUrl: running.gateway.url });
    try {
      const run = await runCodexExec(searching, 'search it', ['-m', 'gpt-5.5']);
      expect(run).toMatchObject({ code: 1 });
      expect(JSON.stringify(run.events.at(-1))).toContain('web_search');
      expect(running.model.calls).toHaveLength(0);
    } finally {
      await searching.remove();
    }
  });
});
