import type { Mix } from '../../support/load/plan.ts';

const NOTHING: Mix = {
  plain: 0,
  long: 0,
  thinking: 0,
  command: 0,
  asked: 0,
  messages: 0,
  clientTool: 0,
  retried: 0,
  failing: 0,
  garbage: 0,
  stalled: 0,
  silent: 0,
  deaf: 0,
  crash: 0,
  noModel: 0,
  broken: 0,
  leaving: 0,
  slow: 0,
};
/** What a gateway does on a good day. */
export const CALM: Mix = {
  ...NOTHING,
  plain: 5,
  long: 2,
  thinking: 1,
  command: 2,
  messages: 1,
  clientTool: 1,
};
/** In a thousand and a little: what goes wrong with clients and models, besides the faults of the schedule. */
export const WILD: Mix = {
  plain: 400,
  long: 150,
  thinking: 50,
  command: 80,
  asked: 50,
  messages: 50,
  clientTool: 50,
  retried: 30,
  failing: 40,
  garbage: 30,
  stalled: 20,
  silent: 15,
  deaf: 2,
  crash: 1,
  noModel: 10,
  broken: 10,
  leaving: 150,
  slow: 30,
};
