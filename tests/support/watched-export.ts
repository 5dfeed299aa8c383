import { createWatchedExport, type WatchedExport } from '../../src/telemetry/otel/watched-export.ts';

/** For tests that ask nothing of it. */
export const anyWatchedExport = (): WatchedExport => createWatchedExport(2048, {});
