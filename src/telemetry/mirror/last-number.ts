import { open } from 'node:fs/promises';

/** A line is never longer. */
const TAIL_BYTES = 1024 * 1024;
const NUMBER = /^\{"v":1,"type":"\w+","ts":"[^"]*","time_ns":"\d+","seq":(\d{1,15})[,}]/;

/** The number of the last whole line of a mirror's file; null where there is none. */
export const lastNumberIn = async (path: string): Promise<number | null> => {
  const file = await open(path, 'r').catch(() => null);
  if (!file) return null;
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(Math.min(size, TAIL_BYTES)),
      position: Math.max(0, size - TAIL_BYTES),
    });
    const lines = buffer.toString('latin1', 0, bytesRead).split('\n').slice(0, -1);
    const found = lines.findLast((line) => NUMBER.test(line));
    return found === undefined ? null : Number(NUMBER.exec(found)?.[1]);
  } catch {
    return null;
  } finally {
    await file.close().catch(() => undefined);
  }
};
