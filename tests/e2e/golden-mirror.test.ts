import { readFile } from 'node:fs/promises';
import type { EventLine, MirrorLine } from '../../src/telemetry/mirror/line.ts';
import { printRun, readFixture, viewPath } from '../support/golden-files.ts';
import { essenceOf } from '../support/golden-mirror.ts';
import { GOLDEN_RUNS, type GoldenRun, record, requestIdsOf } from '../support/golden-run.ts';
import { complaints } from '../support/schemas.ts';

// After a change that is wanted: node tests/fixtures/write-mirror.ts, then read the difference.
describe.each(Object.keys(GOLDEN_RUNS) as GoldenRun[])('the kept mirror of %s', (run) => {
  let kept: MirrorLine[];
  beforeAll(async () => {
    kept = await readFixture(run);
  });

  it('is what a gateway writes now', async () => {
    const now = await record(run);
    for (const id of requestIdsOf(run)) expect(essenceOf(now, id)).toEqual(essenceOf(kept, id));
  });

  it('fits the schema of the mirror, line by line', () => {
    expect(complaints('mirror-line', kept)).toEqual([]);
  });

  it('is shown by throughline trace as before', async () => {
    expect(await printRun(run)).toBe(await readFile(viewPath(run), 'utf8'));
  });
});

/** The blocks of a request: step, the service-free name of the tool, and on which span. */
const blocksOf = (lines: readonly MirrorLine[], reqId: string): string[] => {
  const names = new Map(lines.flatMap((line) => (line.type === 'span' ? [[line.span_id, line.name]] : [])));
  const isBlock = (line: MirrorLine): line is EventLine =>
    line.type === 'event' && line.kind === 'tool_block' && line.req_id === reqId;
  return lines.filter(isBlock).map((line) => {
    const { step, name } = line.payload as { step: string; name: string };
    return `${names.get(line.span_id)}: ${step} ${name} (${line.phase}, ${line.direction})`;
  });
};

const io = '(backend_io, inbound)';

test("the calls of a client's tools are on the request that got them, their results on the one that brings them", async () => {
  const lines = await readFixture('two-step-tools');
  const [first = '', second = ''] = requestIdsOf('two-step-tools');
  expect(blocksOf(lines, first)).toEqual([
    `backend_io: start get_weather ${io}`,
    `backend_io: arguments get_weather ${io}`,
    `backend_io: start get_time ${io}`,
    `backend_io: arguments get_time ${io}`,
  ]);
  expect(blocksOf(lines, second)).toEqual([
    `backend_submission: result get_weather ${io}`,
    `backend_submission: result get_time ${io}`,
  ]);
});

test('a command of the app-server has its three steps on its own span', async () => {
  const lines = await readFixture('shell-between-messages');
  expect(blocksOf(lines, requestIdsOf('shell-between-messages')[0] ?? '')).toEqual(
    ['start', 'arguments', 'result'].map((step) => `execute_tool shell: ${step} shell ${io}`),
  );
});
