import { createLogFolder, type LogFolder } from '../timeline/log-folder.ts';
import { createMirrorBuilder } from '../timeline/mirror-builder.ts';
import { backendIo, finish, receive, submit } from '../timeline/request-steps.ts';
import { runTrace } from './run-trace.ts';

describe('spans of a backend whose parent was never written', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  it('stand below a word about it, on the page and in the document', async () => {
    const mirror = createMirrorBuilder();
    receive(mirror);
    submit(mirror);
    const codex = { reqId: null, service: 'codex', parent: 'lost', from: 30, to: 40 } as const;
    mirror.span({ ...codex, name: 'run_turn' });
    mirror.span({ ...backendIo, to: 890 });
    const usage = mirror.usage({ ms: 900 });
    finish(mirror, usage, { from: 899, to: 901 });
    await logs.record({ proto: mirror.lines, usage: [usage], access: [] });
    const page = await runTrace(logs, ['--req-id', mirror.reqId]);
    expect(page.stdout).toMatch(
      /├─ backend_io .*\n.*first token.*\n.*└─ \(parent not written\) {2}codex\s*\n.*└─ run_turn/,
    );
    const { stdout } = await runTrace(logs, ['--req-id', mirror.reqId, '--json']);
    expect(stdout).toMatch(/"name": "\(parent not written\)",[^{]*"open": false,\s*"written": false/);
    expect(stdout).toMatch(/"name": "run_turn",[^{]*"open": false,\s*"written": true/);
  });
});
