import { createExportWatch, type ExportWatch } from '../../src/telemetry/otel/export-watch.ts';

/** For tests that ask nothing of it. */
export const anyExportWatch = (): ExportWatch => createExportWatch({});
