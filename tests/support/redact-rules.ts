import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes a file of rules into a folder of its own, hands its path to `use`, and removes it. */
export const withRedactFile = async <T>(yaml: string, use: (path: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-redact-'));
  const path = join(folder, 'redact.yaml');
  try {
    await writeFile(path, yaml);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
