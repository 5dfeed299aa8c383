import { createDiagLogger } from '../../src/telemetry/otel/diag.ts';

const open = () => {
  const lines: { level: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const clock = { ms: 0 };
  const take = (level: string) => (fields: Readonly<Record<string, unknown>>) =>
    void lines.push({ level, fields });
  const log = { error: take('error'), warn: take('warn'), info: take('info'), debug: take('debug') };
  return { lines, clock, diag: createDiagLogger(log, () => clock.ms) };
};

test('what OpenTelemetry says keeps its level, and its texts stand in a field', () => {
  const { lines, diag } = open();
  diag.error('it', 'failed', { not: 'shown' });
  diag.verbose('a detail');
  expect(lines).toEqual([
    { level: 'error', fields: { diag: 'it failed' } },
    { level: 'debug', fields: { diag: 'a detail' } },
  ]);
});

test('ten lines a minute are written, and the next one says how many were not', () => {
  const { lines, clock, diag } = open();
  for (let i = 0; i < 5_000; i++) diag.warn(`line ${i}`);
  expect(lines).toHaveLength(10);
  clock.ms = 59_999;
  diag.warn('still too early');
  expect(lines).toHaveLength(10);
  clock.ms = 60_000;
  diag.warn('again');
  expect(lines.at(-1)?.fields).toEqual({ diag: 'again', suppressed: 4_991 });
  diag.warn('and again');
  expect(lines.at(-1)?.fields).toEqual({ diag: 'and again' });
});

test('a long text is cut', () => {
  const { lines, diag } = open();
  diag.error('x'.repeat(100_000));
  expect(String(lines[0]?.fields['diag'])).toHaveLength(1_000);
});
