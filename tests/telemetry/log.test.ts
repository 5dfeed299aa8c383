import { createLog } from '../../src/telemetry/log.ts';
import { policyOf } from '../support/sanitizer.ts';

test('a secret in a message or in a field is in no line, wherever the line goes', async () => {
  const lines: string[] = [];
  const log = await createLog('info', 'test', policyOf('full'));
  log.alsoTo({ emit: (line) => void lines.push(line), close: () => undefined });
  const secret = 'abcdefghijklmnopqrstuvwxyz';
  log.logger.info({ note: `Bearer ${secret}` }, `it said Bearer ${secret}`);
  log.logger.info(`it said Bearer ${secret} once more`);
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toContain(secret);
  expect(JSON.parse(lines[0] ?? '').msg).toMatch(/^it said Bearer /);
  await log.close();
});

test('a message or a field of megabytes is cut before it is looked at', async () => {
  const lines: string[] = [];
  const log = await createLog('info', 'test', policyOf('full'));
  log.alsoTo({ emit: (line) => void lines.push(line), close: () => undefined });
  const long = 'password: x '.repeat(100_000);
  log.logger.info({ cause: long }, long);
  expect(lines[0]?.length).toBeLessThan(16 * 1024);
  expect(JSON.parse(lines[0] ?? '').msg).toMatch(/characters not kept\]$/);
  await log.close();
});
