import type { Api } from '../../gateway/relay.ts';

/** The APIs of an HTTP backend without `apis`: all that the gateway has a route for. */
export const DEFAULT_APIS: readonly Api[] = Object.freeze([
  'chat',
  'completions',
  'responses',
  'embeddings',
  'moderations',
]);
