import { followTimeline } from '../../src/timeline/follow.ts';
import { createLogFolder, type LogFolder } from './log-folder.ts';
import { toNdjson } from './mirror-builder.ts';
import { streamedChat } from './requests.ts';

describe('following a request', () => {
  const { reqId, proto, usage } = streamedChat();
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  const follow = (signal = new AbortController().signal) =>
    followTimeline({ reqId, protoLog: logs.protoLog, usageLog: logs.usageLog }, { signal, pollMs: 5 });

  it('gives what is there, then what comes, through a rotation, and ends after the usage summary', async () => {
    await logs.write('proto.ndjson', toNdjson(proto.slice(0, 6)));
    const kinds: string[] = [];
    let step = 0;
    for await (const entries of follow()) {
      kinds.push(...entries.map(({ source, name }) => `${source} ${name}`));
      step++;
      if (step === 1) {
        await logs.append('proto.ndjson', toNdjson(proto.slice(6, 10)));
        await logs.move('proto.ndjson', 'proto.ndjson.1');
        await logs.write('proto.ndjson', toNdjson(proto.slice(10)));
        await logs.write('usage.ndjson', toNdjson(usage));
      }
    }
    expect(kinds.slice(0, 2)).toEqual(['proto client_request', 'proto rpc_request']);
    expect(kinds.slice(-3)).toEqual(['proto client_sse_done', 'proto usage', 'usage usage']);
    expect(kinds).toHaveLength(
      proto.filter((line) => (line as { type: string }).type === 'event').length + 1,
    );
  });

  it('waits for a request that has not come yet, until it is told to stop', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 40);
    const seen = [];
    for await (const entries of follow(stop.signal)) seen.push(...entries);
    expect(seen).toEqual([]);
  });
});
