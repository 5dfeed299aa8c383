import { join } from 'node:path';
import { createNdjsonFile, nodeFs } from '../../src/telemetry/mirror/ndjson-file.ts';
import { createBrokenDisk, createManualTimers, inDirectory } from './ndjson-support.ts';

const line = (number: number): string => JSON.stringify({ number });

test('attempts follow one another in pauses that double up to 5 s, and start short again after a success', () =>
  inDirectory(async (directory) => {
    const { disk, fs } = createBrokenDisk();
    const { timers, advance, nextTimer } = createManualTimers();
    const recovered = Promise.withResolvers<void>();
    const file = createNdjsonFile({
      path: join(directory, 'proto.ndjson'),
      fs,
      timers,
      onRecovered: () => void recovered.resolve(),
    });
    const pauses: number[] = [];
    disk.broken = 'EACCES';
    file.write(line(0));
    for (let attempt = 0; attempt < 8; attempt++) {
      pauses.push(await nextTimer());
      if (attempt === 7) disk.broken = undefined;
      advance(pauses.at(-1) ?? 0);
    }
    await recovered.promise;
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(disk.attempts).toBe(9);
    disk.broken = 'EACCES';
    file.write(line(1));
    expect(await nextTimer()).toBe(100);
    await file.close();
  }));

test('lines do not hurry the next attempt, a flush does', () =>
  inDirectory(async (directory) => {
    const { disk, fs } = createBrokenDisk();
    const { timers, nextTimer } = createManualTimers();
    const file = createNdjsonFile({ path: join(directory, 'proto.ndjson'), fs, timers });
    disk.broken = 'EIO';
    file.write(line(0));
    await nextTimer();
    for (let number = 1; number < 100; number++) file.write(line(number));
    expect(disk.attempts).toBe(1);
    await file.flush();
    expect(disk.attempts).toBe(2);
    await file.close();
  }));

test('a file system that never answers costs bounded memory, and neither flush nor close waits for ever', () =>
  inDirectory(async (directory) => {
    const { timers, advance, nextTimer } = createManualTimers();
    const never = new Promise<never>(() => undefined);
    const fs = { ...nodeFs, open: () => never };
    const notices: number[] = [];
    const file = createNdjsonFile({
      path: join(directory, 'proto.ndjson'),
      fs,
      timers,
      maxQueueBytes: 1024,
      stallMs: 700,
      onLost: (lost) => notices.push(lost),
    });
    const taken = Array.from({ length: 10_000 }, (_, number) => file.write(line(number))).filter(
      Boolean,
    ).length;
    expect(file.stats.queuedBytes).toBeLessThanOrEqual(1024);
    expect(file.stats.lost).toBe(10_000 - taken);
    for (const end of [() => file.flush(), () => file.close()]) {
      const timer = nextTimer();
      const ended = end();
      expect(await timer).toBe(700);
      advance(700);
      await ended;
    }
    expect(file.stats).toMatchObject({ written: 0, lost: 10_000, queuedBytes: 0 });
    expect(notices).toEqual([1]);
  }));
