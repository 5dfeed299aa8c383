import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MS = 5;
const HEAD_BYTES = 16 * 1024;
const EVENT = /"type":"event","ts":"[^"]*","time_ns":"(\d+)"/;
const NS_PER_MS = 1e6;

/** When the first event in a text that was just read happened, in milliseconds since the epoch; null where none is whole. */
export const firstEventMs = (text: string): number | null => {
  const [, timeNs] = EVENT.exec(text) ?? [];
  return timeNs === undefined ? null : Number(timeNs) / NS_PER_MS;
};

const nowMs = (): number => performance.timeOrigin + performance.now();

interface Reader {
  readonly handle: FileHandle;
  readonly inode: number;
  /** Up to here everything was seen. */
  readonly end: number;
}

const openAt = async (path: string, end: number | null): Promise<Reader> => {
  const handle = await open(path, 'r');
  const { ino, size } = await handle.stat();
  return { handle, inode: ino, end: end ?? size };
};

/**
 * Follows a mirror while it is written. Each look takes the oldest event that is new in the file and what time it is, so that a look
 * gives the longest wait of its events: percentiles of looks are no less than those of events.
 */
export const followLag = async (path: string, signal: AbortSignal): Promise<number[]> => {
  const lags: number[] = [];
  let reader = await openAt(path, null);
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    while (!signal.aborted) {
      const { size } = await reader.handle.stat();
      const seenAt = nowMs();
      if (size > reader.end) {
        const { bytesRead } = await reader.handle.read(head, 0, HEAD_BYTES, reader.end);
        const eventMs = firstEventMs(head.toString('latin1', 0, bytesRead));
        if (eventMs !== null) lags.push(seenAt - eventMs);
        reader = { ...reader, end: size };
      } else reader = await afterRotation(path, reader);
      await pause(LOOK_MS);
    }
  } finally {
    await reader.handle.close();
  }
  return lags;
};

/** The new file, from its beginning, where the old one was renamed; else the same. */
const afterRotation = async (path: string, reader: Reader): Promise<Reader> => {
  const next = await openAt(path, 0).catch(() => null);
  if (next && next.inode !== reader.inode) {
    await reader.handle.close();
    return next;
  }
  await next?.handle.close();
  return reader;
};
