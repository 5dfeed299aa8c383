import { createLogFolder, type LogFolder } from './log-folder.ts';
import { toNdjson } from './mirror-builder.ts';
import { streamedChat } from './requests.ts';

describe('what a timeline says is missing', () => {
  const { reqId, proto, usage, access } = streamedChat();
  const lines = toNdjson(proto).trimEnd().split('\n');
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
    await logs.record({ proto, usage, access });
  });
  afterEach(() => logs.remove());

  const notesOf = async (): Promise<readonly string[]> => (await logs.read(reqId)).notes;

  it('says nothing when nothing is', async () => {
    expect(await notesOf()).toEqual([]);
  });

  it('counts torn lines, says where they stand, and does not call them lost as well', async () => {
    const torn = lines.map((line, index) => (index === 3 || index === 5 ? line.slice(0, 90) : line));
    await logs.write('proto.ndjson', `${torn.join('\n')}\n`);
    expect(await notesOf()).toEqual([`2 torn lines skipped in ${logs.protoLog} (lines 4, 6)`]);
  });

  it('reads the whole line that was appended to a torn one', async () => {
    const at = lines.length - 2;
    const glued = lines.flatMap((line, index) =>
      index === at ? [`${line.slice(0, 200)}${lines[at + 1]}`] : index === at + 1 ? [] : [line],
    );
    await logs.write('proto.ndjson', glued.join('\n'));
    const timeline = await logs.read(reqId);
    expect(timeline.notes[0]).toBe(`1 torn line skipped in ${logs.protoLog} (line ${at + 1})`);
    expect(
      JSON.stringify(timeline.spans, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    ).toContain('dispatch');
  });

  it('says how many lines were lost while the request ran, by the gap in their numbers', async () => {
    await logs.write('proto.ndjson', lines.filter((_, index) => index < 10 || index > 12).join('\n'));
    expect(await notesOf()).toEqual([
      '3 mirror lines were lost while this request ran: some of it may be missing here',
    ]);
  });

  it('does not take a restarted gateway for lost lines', async () => {
    const renumbered = (first: number, from: number): string[] =>
      lines
        .slice(from)
        .map((line, index) =>
          line.replace(/"seq":\d+/, `"seq":${first + index}`).replaceAll(reqId, 'req_other'),
        );
    await logs.write(
      'proto.ndjson',
      [...renumbered(5000, 20), ...lines, ...renumbered(lines.length, 10)].join('\n'),
    );
    expect(await notesOf()).toEqual([]);
  });

  it('does not take two gateways that write one file for lost lines', async () => {
    const ofOther = lines.map((line, index) =>
      line.replace(/"seq":\d+/, `"seq":${index}`).replaceAll(reqId, 'req_other'),
    );
    const together = lines.flatMap((line, index) => [line, ofOther[index + 9] ?? line.slice(0, 0)]);
    await logs.write('proto.ndjson', [...ofOther.slice(0, 9), ...together].join('\n'));
    expect(await notesOf()).toEqual([]);
  });

  it('counts the lines of each process of a gateway by itself, also where its first ones are gone', async () => {
    const numbered = (pid: number, first: number, id: string): string[] =>
      lines.map((line, index) =>
        line.replace(/"seq":\d+/, `"seq":${first + index},"pid":${pid}`).replaceAll(reqId, id),
      );
    const [own, other] = [numbered(20, 5_000, reqId), numbered(21, 70_000, 'req_other')];
    const together = own.flatMap((line, index) => [line, other[index] ?? '']);
    await logs.write('proto.ndjson', together.join('\n'));
    expect(await notesOf()).toEqual([]);
    await logs.write('proto.ndjson', together.filter((line) => !line.includes('"seq":5010')).join('\n'));
    expect(await notesOf()).toEqual([
      '1 mirror line was lost while this request ran: some of it may be missing here',
    ]);
  });

  it('names files that are not there', async () => {
    await logs.move('usage.ndjson', 'moved.ndjson');
    expect(await notesOf()).toEqual([`no usage log at ${logs.usageLog}`]);
  });

  it('names phases without a span, though the request ended', async () => {
    await logs.write(
      'proto.ndjson',
      lines
        .filter((line) => !line.includes('"name":"client_egress"') && !line.includes('"name":"backend_io"'))
        .join('\n'),
    );
    expect((await notesOf())[0]).toBe('no backend_io and client_egress span, though the request ended');
  });

  it('says that lines of a newer version need a newer reader', async () => {
    await logs.append('proto.ndjson', `{"v":2,"type":"event","req_id":"${reqId}"}\n`);
    expect(await notesOf()).toEqual([
      `1 line of a newer version skipped in ${logs.protoLog} (line ${lines.length + 1}): read them with a newer throughline`,
    ]);
  });
});
