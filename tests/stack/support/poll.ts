import { setTimeout as pause } from 'node:timers/promises';
import { GIVE_UP_MS } from '../../support/give-up.ts';

export type PollOptions = { timeoutMs?: number; everyMs?: number };

/**
 * Asks again and again until there is an answer: for what happens in other people's programs, which tell nobody. A refusal to
 * answer (a server that is not up yet) counts as no answer; the last one stands in the error.
 */
export const poll = async <T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { timeoutMs = GIVE_UP_MS, everyMs = 100 }: PollOptions = {},
): Promise<T> => {
  const end = Date.now() + timeoutMs;
  let last = 'no answer';
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = String(error);
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms (${last})`);
    await pause(everyMs);
  }
};

export const fetchJson = async <T>(url: string): Promise<T> => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
};
