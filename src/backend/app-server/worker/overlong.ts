import { GatewayError } from '../../../errors.ts';
import type { TurnRouter } from '../turn/turn-router.ts';
import type { GarbageLog } from './garbage-log.ts';
import { MAX_LINE_BYTES } from './process.ts';

/** Notifications that the answer depends on name their thread before anything else. What a text holds has its quotes escaped. */
const OVERLONG_OF = /^\{"method":"(?:item|turn)\/[^{]*\{"threadId":"([^"\\]{1,128})"/;

/** The turn whose answer lacks what stood in a line that was too long to be read, where the beginning of the line says so. */
const failOverlong = (turns: TurnRouter, bytes: number, start: string): void => {
  const [, threadId] = OVERLONG_OF.exec(start) ?? [];
  if (threadId === undefined) return;
  const message = `The backend sent a message of ${bytes} bytes, which is more than the gateway reads (${MAX_LINE_BYTES}).`;
  turns.find({ threadId })?.fail(new GatewayError('answer_too_large', message));
};

/** Tells of lines that were too long to be read, and fails the turns whose answers lack them. */
export const createOverlongNote =
  (garbage: GarbageLog, turns: TurnRouter) =>
  (bytes: number, start: string): void => {
    garbage.note({ message: 'overlong line from the backend', bytes });
    failOverlong(turns, bytes, start);
  };
