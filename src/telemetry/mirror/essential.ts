/** Events without which nobody could say how a request began and ended; of the others the newest are lost first. */
export const ESSENTIAL: ReadonlySet<string | null> = new Set([
  'client_request',
  'usage',
  'backend_start',
  'backend_exit',
  'trace_error',
]);
