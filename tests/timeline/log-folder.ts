import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTimeline, type Timeline } from '../../src/timeline/timeline.ts';
import { toNdjson } from './mirror-builder.ts';
import type { Recorded } from './request-steps.ts';

/** A folder with the gateway's files in it, for one test. */
export const createLogFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-timeline-'));
  const path = (name: string): string => join(folder, name);
  const files = {
    protoLog: path('proto.ndjson'),
    usageLog: path('usage.ndjson'),
    accessLog: path('gateway.log'),
  };
  const record = async ({ proto, usage, access }: Omit<Recorded, 'reqId'>): Promise<void> => {
    await writeFile(files.protoLog, toNdjson(proto));
    await writeFile(files.usageLog, toNdjson(usage));
    await writeFile(files.accessLog, `> throughline serve\n${toNdjson(access)}`);
  };
  const read = (reqId: string): Promise<Timeline> => readTimeline({ reqId, ...files });
  return {
    ...files,
    path,
    record,
    read,
    write: (name: string, text: string) => writeFile(path(name), text),
    append: (name: string, text: string) => appendFile(path(name), text),
    move: (from: string, to: string) => rename(path(from), path(to)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};

export type LogFolder = Awaited<ReturnType<typeof createLogFolder>>;
