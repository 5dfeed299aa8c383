import { ERRORS, type ErrorCode } from '../../../src/errors.ts';
import type { Outcome } from '../../../src/telemetry/phases.ts';
import type { Seen } from './client.ts';

type ErrorShape = { code?: string; type?: string } | null | undefined;
type Frame = { error?: ErrorShape; response?: { error?: ErrorShape } };

/** The gateway's own code: Responses has it as `type`, since `code` is a closed list there. */
const outcomeOf = (error: ErrorShape): Outcome | undefined =>
  [error?.type, error?.code]
    .filter((word): word is ErrorCode => word !== undefined && word in ERRORS)
    .map((code) => ERRORS[code].outcome)[0];

const framesOf = (text: string): Frame[] =>
  [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, data = '']) => JSON.parse(data) as Frame);

const isOver = (text: string): boolean =>
  text.endsWith('data: [DONE]\n\n') || /"type":"response\.(?:completed|incomplete)"/.test(text);

/** How the stream said that it ended; undefined while it has not. */
const streamOutcome = (text: string): Outcome | undefined => {
  if (isOver(text)) return 'completed';
  const last = framesOf(text.slice(0, text.lastIndexOf('\n\n') + 1)).at(-1);
  return outcomeOf(last?.error ?? last?.response?.error);
};

/** How the request ended for its client; null for one that left before it could know. */
export const seenOutcome = ({ plan, status, text, whole }: Seen): Outcome | 'unknown' | null => {
  const isStream = plan.stream && status === 200;
  const said = isStream ? streamOutcome(text) : whole ? plainOutcome(status, text) : undefined;
  return said ?? (whole ? 'unknown' : null);
};

const plainOutcome = (status: number | null, text: string): Outcome | undefined =>
  status === 200 ? 'completed' : outcomeOf((JSON.parse(text) as Frame).error);
