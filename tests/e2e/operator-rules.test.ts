import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chat, frames, user } from '../support/chat.ts';
import { runCli, startGateway } from '../support/gateway.ts';
import { createOtlpReceiver } from '../support/otlp-receiver.ts';
import { withRedactFile } from '../support/redact-rules.ts';

const RULES = "keys: [employee_id, x-correlation-id]\npatterns: ['EMP-[0-9]{6}', '[a-z]{4}-mark-[a-z]{4}']\n";
const NUMBER = ['EMP', '123456'].join('-');
const WORD = ['word', 'mark', 'word'].join('-');
const MARKS = [NUMBER, WORD, 'correlated', 'employed'];

/** All files of a folder that begin so: a log may have several. */
const bytesOf = async (folder: string, start: string): Promise<string> => {
  const names = (await readdir(folder)).filter((name) => name.startsWith(start));
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('');
};

test('the rules of the operator hold in every sink, and the client gets what it is due', async () => {
  const receiver = await createOtlpReceiver();
  await withRedactFile(RULES, async (path) => {
    const gateway = await startGateway({
      PROXY_REDACT_FILE: path,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '20',
      OTEL_BLRP_SCHEDULE_DELAY: '20',
    });
    try {
      const body = {
        model: 'throughline-echo',
        messages: user(`I am ${NUMBER} and ${WORD}; {"employee_id":"employed"}`),
        [`field ${NUMBER}`]: 1,
      };
      const headers = { 'x-request-id': NUMBER, 'user-agent': `a ${WORD}`, 'x-correlation-id': 'correlated' };
      const streamed = await chat(gateway.url, { ...body, stream: true }, { headers });
      const whole = await chat(gateway.url, body, { headers });
      const unknown = await chat(gateway.url, { ...body, model: `${NUMBER} ${WORD}` }, { headers });
      // The backend's own span of the call has the name of the tool.
      const tools = [{ type: 'function', function: { name: NUMBER, parameters: { type: 'object' } } }];
      const called = await chat(
        gateway.url,
        { model: 'throughline-echo', tools, messages: user(`/tool ${NUMBER} {}`) },
        { headers },
      );
      expect(called.text).toContain(NUMBER);
      const told = frames(streamed.text)
        .map((frame) => (frame === '[DONE]' ? '' : (frame.choices[0]?.delta.content ?? '')))
        .join('');
      for (const mark of [NUMBER, WORD]) {
        expect(told).toContain(mark);
        expect(whole.text).toContain(mark);
      }
      for (const { reqId } of [streamed, whole, unknown]) expect(reqId).toMatch(/^req_[0-9a-f]{12}$/);
      await gateway.stop();
      const services = new Set(receiver.spans().map(({ service }) => service));
      expect(services).toEqual(new Set(['throughline', 'throughline-app-server']));
      const sinks = {
        mirror: await bytesOf(join(gateway.cwd, '.throughline'), 'proto'),
        usage: await bytesOf(join(gateway.cwd, '.throughline'), 'usage'),
        log: JSON.stringify(gateway.log),
        traces: JSON.stringify(receiver.batches),
        logs: JSON.stringify(receiver.logs()),
      };
      for (const [sink, bytes] of Object.entries(sinks)) {
        expect([sink, bytes.includes(streamed.reqId)]).toEqual([sink, true]);
        expect([sink, MARKS.filter((mark) => bytes.includes(mark))]).toEqual([sink, []]);
      }
      const ready = gateway.log.find(({ msg }) => msg.startsWith('ready on '));
      expect(ready?.['redaction']).toBe(`built-in rules, 2 keys and 2 patterns of ${path}`);
    } finally {
      await gateway.remove();
      await receiver.close();
    }
  });
});

test('a wrong file stops the start with one line that says where', async () => {
  await withRedactFile('keys:\n  - 5\n', async (path) => {
    const ran = await runCli(['serve'], { cwd: tmpdir(), env: { PORT: '0', PROXY_REDACT_FILE: path } });
    expect(ran).toEqual({
      code: 2,
      stdout: '',
      stderr: `throughline: PROXY_REDACT_FILE=${path} is not valid: ${path}:2:5: an entry of keys must be a text: put it in quotes\n`,
    });
  });
});
