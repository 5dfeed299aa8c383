import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadTask } from './load.ts';
import { readRoutes } from './read-routes.ts';

const { text, path, env } = workerData as ThreadTask;
parentPort?.postMessage(readRoutes(text, path, env));
