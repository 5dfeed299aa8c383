import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SpanLine } from '../../src/telemetry/mirror/line.ts';
import { chat, user } from '../support/chat.ts';
import { startGateway } from '../support/gateway.ts';

const LATE_SPANS = fileURLToPath(new URL('../fixtures/late-spans.mjs', import.meta.url));

test('a gateway that stops right after a turn waits for the parent of the turn’s spans', async () => {
  const gateway = await startGateway({
    CODEX_BIN: LATE_SPANS,
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
  });
  try {
    const { status } = await chat(gateway.url, { model: 'late', messages: user('hello') });
    expect(status).toBe(200);
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
    const spans = (await gateway.mirror()).filter((line): line is SpanLine => line.type === 'span');
    const names = spans.filter(({ service }) => service === 'codex-app-server').map(({ name }) => name);
    expect(names).toEqual(['child', 'config/read', 'parent']);
  } finally {
    await gateway.remove();
  }
});
