import { spawn } from 'node:child_process';
import { text as readText } from 'node:stream/consumers';
import { chat, user } from '../support/chat.ts';
import { runCli, startGateway } from '../support/gateway.ts';

const HOSTILE = 'a\u009b31mb\u202ec\u200bd\u2028e\u{e0041}';
/** What a terminal obeys; none of it may reach one, in text or in JSON. */
const obeyedIn = (text: string) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.exec(text.replaceAll('\n', ''));

test('what a client writes is shown by no command as it is, and JSON has it all the same', async () => {
  const gateway = await startGateway();
  try {
    const request = { model: 'throughline-echo', messages: user(`/say ${HOSTILE}`) };
    const { reqId, text } = await chat(gateway.url, request);
    expect(text).toContain(JSON.stringify(HOSTILE).slice(1, -1));
    await gateway.stop();
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCli([...args, '--req-id', reqId], { cwd: gateway.cwd });
      expect({ args, code, obeyed: obeyedIn(stdout + stderr) }).toEqual({ args, code: 0, obeyed: null });
      return stdout;
    };
    expect(JSON.stringify(JSON.parse(await run('trace', '--json')))).toContain(HOSTILE);
    const followed = (await run('trace', '--follow', '--json')).trimEnd().split('\n');
    expect(JSON.stringify(followed.map((line) => JSON.parse(line)))).toContain(HOSTILE);
    expect(await run('trace', '--payload')).toContain('\\u009b31mb\\u202ec');
    expect(await run('replay')).toContain('\\u009b31mb');
  } finally {
    await gateway.remove();
  }
});

test('the gateway logs it no other way', async () => {
  const module = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
  const script = `
    const { createLog } = await import(${module('telemetry/log.ts')});
    const { capturePolicy } = await import(${module('telemetry/policy/index.ts')});
    const { createSanitizer } = await import(${module('telemetry/sanitize.ts')});
    const log = await createLog('info', 'test', capturePolicy('full', createSanitizer()));
    log.logger.info({ model: ${JSON.stringify(HOSTILE)} }, ${JSON.stringify(HOSTILE)});
    await log.close();`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
  const line = await readText(child.stdout);
  expect(obeyedIn(line)).toBeNull();
  expect(JSON.parse(line)).toMatchObject({ model: HOSTILE, msg: HOSTILE });
});
