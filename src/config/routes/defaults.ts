import type { Api } from '../../gateway/relay.ts';

/** What an HTTP backend serves where nothing else is said: all that the gateway has a route for. */
export const DEFAULT_APIS: readonly Api[] = Object.freeze([
  'chat',
  'completions',
  'responses',
  'embeddings',
  'moderations',
]);
