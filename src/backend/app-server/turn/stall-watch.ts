import { GatewayError } from '../../../errors.ts';
import { systemTimers, type Timers } from '../../../later.ts';
import { itemOf } from './notifications.ts';

/** How long a turn may be silent, in milliseconds. */
export interface StallLimits {
  /** From the turn's start to the first sign of an answer: text, reasoning, a tool. */
  readonly firstByteMs: number;
  /** Between any two things that the backend says of the turn. */
  readonly idleMs: number;
}

/** Ends a turn that does not begin to answer, or falls silent. */
export interface StallWatch {
  /** The turn has been asked for: from now on silence counts. */
  start(): void;
  /** The backend has said something of the turn. */
  heard(): void;
  /** The answer has begun. */
  answered(): void;
  stop(): void;
}

const noAnswer = (ms: number): GatewayError =>
  new GatewayError(
    'backend_first_byte_timeout',
    `The backend did not begin its answer within ${ms} ms (PROXY_FIRST_BYTE_TIMEOUT_MS).`,
  );

const silent = (ms: number): GatewayError =>
  new GatewayError('backend_idle_timeout', `The backend fell silent for ${ms} ms (PROXY_IDLE_TIMEOUT_MS).`);

export const createStallWatch = (
  { firstByteMs, idleMs }: StallLimits,
  onStall: (error: GatewayError) => void,
  { now, later }: Timers = systemTimers,
): StallWatch => {
  let state: 'waiting' | 'running' | 'stopped' = 'waiting';
  let stopFirstByte: () => void = () => undefined;
  let stopIdle: () => void = () => undefined;
  let heardAt = 0;

  const stop = (): void => {
    state = 'stopped';
    stopFirstByte();
    stopIdle();
  };
  const stall = (error: GatewayError): void => {
    stop();
    onStall(error);
  };

  const heard = (): void => {
    heardAt = now();
  };

  /** One timer for the whole turn: what is heard moves no timer, it is looked at when this one is over. */
  const watchIdle = (ms: number): void => {
    stopIdle = later(ms, () => {
      const restMs = heardAt + idleMs - now();
      if (restMs > 0) watchIdle(restMs);
      else stall(silent(idleMs));
    });
  };

  return {
    start() {
      if (state !== 'waiting') return;
      state = 'running';
      stopFirstByte = later(firstByteMs, () => stall(noAnswer(firstByteMs)));
      heard();
      watchIdle(idleMs);
    },
    heard,
    answered: () => stopFirstByte(),
    stop,
  };
};

/** Items that tell nothing of an answer yet: the echo of the question, and the shells that text and reasoning come in. */
const EMPTY_ITEMS = new Set(['userMessage', 'agentMessage', 'reasoning']);

/** Whether a notification says that a tool is at work. */
export const startsTool = (method: string, params: unknown): boolean => {
  if (method !== 'item/started') return false;
  const type = itemOf(params)?.type;
  return type !== undefined && !EMPTY_ITEMS.has(type);
};
