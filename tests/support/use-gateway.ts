import OpenAI from 'openai';
import { type CodexGateway, startCodexGateway } from './codex-gateway.ts';
import { type GatewayProcess, startGateway } from './gateway.ts';

/** The official client of a gateway, without its retries. */
export const clientOf = ({ url }: GatewayProcess, apiKey = 'unused'): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });

/** A gateway for the tests of a block, and a client of it: there from the first test on, removed after the last. */
export const useGateway = (env: Record<string, string> = {}, apiKey?: string) => {
  const running = {} as { gateway: GatewayProcess; openai: OpenAI };
  beforeAll(async () => {
    running.gateway = await startGateway(env);
    running.openai = clientOf(running.gateway, apiKey);
  });
  afterAll(() => running.gateway?.remove());
  return running;
};

/** The same with the real Codex behind it, whose model has forgotten the test before. */
export const useCodexGateway = (...options: Parameters<typeof startCodexGateway>) => {
  const running = {} as CodexGateway & { openai: OpenAI };
  beforeAll(async () => {
    Object.assign(running, await startCodexGateway(...options));
    running.openai = clientOf(running.gateway);
  });
  beforeEach(() => running.model.reset());
  afterAll(() => running.remove?.());
  return running;
};
