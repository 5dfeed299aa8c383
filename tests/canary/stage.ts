import type { GatewayProcess } from '../support/gateway.ts';
import type { RunningBackend } from './backends.ts';
import type { Plant } from './planted.ts';
import type { Send } from './refusals.ts';

/** No shape gives it away. */
export const KEY = 'Wharf-8qLz.lantern_Vk2';

/** What one client did and what another one, who planted nothing, got meanwhile. */
export interface Stage {
  readonly gateway: GatewayProcess;
  readonly backend: RunningBackend;
  /** What the backend has been told, and must not be found. */
  readonly secrets: readonly string[];
  readonly plant: Plant;
  /** The deltas of a planted text, as far as the backend can say them. */
  readonly pieces: (place: string) => string[];
  readonly send: Send;
  readonly others: string[];
  readonly reqIds: string[];
}

export const headers = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  'content-type': 'application/json',
  authorization: `Bearer ${KEY}`,
  ...more,
});

/** A client with requests of its own. */
export const askAsAnother = async ({ gateway, others }: Stage): Promise<void> => {
  for (const [method, path, body] of [
    ['GET', '/v1/models', undefined],
    ['GET', '/v1/nothing', undefined],
    ['GET', '/readyz', undefined],
    ['GET', '/healthz', undefined],
    ['POST', '/v1/chat/completions', { model: 'no-such-model', messages: [{ role: 'user', content: 'x' }] }],
    ['POST', '/v1/responses', { model: 7 }],
  ] as const) {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: headers(),
      ...(body && { body: JSON.stringify(body) }),
    });
    others.push(JSON.stringify([...response.headers]), await response.text());
  }
};
