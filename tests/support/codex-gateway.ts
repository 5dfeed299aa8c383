import { type CodexHome, type CodexHomeOptions, createCodexHome } from './codex.ts';
import { type GatewayProcess, startGateway } from './gateway.ts';
import { createModelServer, type ModelServer } from './model-server.ts';

/** A gateway with the real Codex behind it, whose model is a server of ours. */
export type CodexGateway = {
  gateway: GatewayProcess;
  home: CodexHome;
  model: ModelServer;
  /** Ends and removes all of it. */
  remove(): Promise<void>;
};

type Options = {
  /** For the gateway, and with it for Codex. */
  env?: Record<string, string>;
  home?: Omit<CodexHomeOptions, 'modelUrl'>;
};

export const startCodexGateway = async (options: Options = {}): Promise<CodexGateway> => {
  const model = await createModelServer();
  const home = await createCodexHome({ modelUrl: model.url, ...options.home }).catch(
    async (thrown: unknown) => {
      await model.close();
      throw thrown;
    },
  );
  const clear = () => Promise.all([home.remove(), model.close()]);
  const gateway = await startGateway({
    ...home.env,
    PROXY_APP_SERVER_CMD: home.command,
    PROXY_CODEX_WORKDIR: home.workdir,
    ...options.env,
  }).catch(async (thrown: unknown) => {
    await clear();
    throw thrown;
  });
  return {
    gateway,
    home,
    model,
    async remove() {
      await gateway.remove();
      await clear();
    },
  };
};
