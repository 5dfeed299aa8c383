import { open } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { ConfiguredBackend, RouteRule, Routes } from '../../gateway/routes.ts';
import { readHttpTimeouts } from '../backend.ts';
import { toBaseUrl } from '../base-url.ts';
import { type Env, reader } from '../reader.ts';
import { RoutesError } from './problems.ts';
import { type BackendData, type ReadRoutes, type RoutesData, readRoutes } from './read-routes.ts';

const MAX_BYTES = 1024 * 1024;
/** A file of this size is parsed in about 20 ms. A larger one is parsed in a thread, so that a reload does not block requests. */
const MAX_BYTES_HERE = 12 * 1024;

const fail = (path: string, problem: string): never => {
  throw new RoutesError([`${path}: ${problem}`]);
};

/** Reads a file of at most `MAX_BYTES`, even if it grows meanwhile or is no regular file. */
const readBounded = async (path: string): Promise<Buffer> => {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > MAX_BYTES) return fail(path, `is larger than ${MAX_BYTES / 1024} KiB`);
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      if (bytesRead === 0) return bytes.subarray(0, length);
      length += bytesRead;
      if (length > MAX_BYTES) return fail(path, `is larger than ${MAX_BYTES / 1024} KiB`);
    }
  } finally {
    await file.close();
  }
};

const readText = async (path: string): Promise<string> => {
  const bytes = await readBounded(path).catch((thrown: unknown) => {
    if (thrown instanceof RoutesError) throw thrown;
    const { code, message } = thrown as NodeJS.ErrnoException;
    return fail(path, `cannot be read (${code ?? message})`);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail(path, 'is not UTF-8');
  }
};

/** The input of the thread. */
export interface ThreadTask {
  readonly text: string;
  readonly path: string;
  readonly env: Env;
}

const readInThread = async (task: ThreadTask): Promise<ReadRoutes> => {
  const worker = new Worker(new URL('./read-thread.ts', import.meta.url), { workerData: task });
  try {
    return await new Promise<ReadRoutes>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the thread that reads the routes ended early')));
    });
  } finally {
    await worker.terminate();
  }
};

const toBackend = (data: BackendData): ConfiguredBackend => {
  if (data.kind === 'app-server') return Object.freeze(data);
  const { kind, keyEnv: _keyEnv, url, ...rest } = data;
  const settings = Object.freeze({
    ...rest,
    url: toBaseUrl(url),
    apis: Object.freeze(rest.apis),
    timeouts: Object.freeze(rest.timeouts),
    headers: Object.freeze(rest.headers),
  });
  return Object.freeze({ kind, name: data.name, settings });
};

const toRule = ({ backends, fallback, ...rule }: RouteRule): RouteRule =>
  Object.freeze({
    ...rule,
    backends: Object.freeze(backends.map((backend) => Object.freeze(backend))),
    fallback: Object.freeze(fallback),
  });

/**
 * Reads a routes file as plain data. `lacks`: a line for each environment variable that is missing or wrong.
 *
 * @throws RoutesError with one line for each problem of the file; ConfigError where a setting for the times is wrong
 */
export const loadRoutesData = async (
  path: string,
  env: Env,
): Promise<{ readonly routes: RoutesData; readonly lacks: readonly string[] }> => {
  // A wrong setting of the environment is no problem of the file, so it is reported first.
  readHttpTimeouts(reader(env));
  const text = await readText(path);
  const read =
    text.length > MAX_BYTES_HERE
      ? await readInThread({ text, path, env: { ...env } })
      : readRoutes(text, path, env);
  if (read.type === 'wrong') throw new RoutesError(read.lines);
  return read;
};

/**
 * Reads the routes file, with the keys that it names.
 *
 * @throws RoutesError with one line for each problem
 */
export const loadRoutes = async (path: string, env: Env): Promise<Routes> => {
  const { routes, lacks } = await loadRoutesData(path, env);
  if (lacks.length > 0) throw new RoutesError(lacks);
  const { backends, rules } = routes;
  return Object.freeze({
    backends: Object.freeze(backends.map(toBackend)),
    rules: Object.freeze(rules.map(toRule)),
  });
};
