import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayProcess, startGateway } from './gateway.ts';

/** A gateway with these routes, in a file of their own. */
export const startRouted = async (
  yaml: string,
  env: Record<string, string> = {},
): Promise<GatewayProcess> => {
  const path = join(await mkdtemp(join(tmpdir(), 'throughline-routes-')), 'routes.yaml');
  await writeFile(path, yaml);
  return startGateway({ PROXY_ROUTES: path, ...env });
};
