import { randomUUID } from 'node:crypto';

/** Where a UUID's version stands. */
const VERSION_AT = 14;

/** A UUIDv7, which the real server uses for threads, turns and items: it sorts by time. */
export const createId = (): string => {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(VERSION_AT + 1)}`;
};
