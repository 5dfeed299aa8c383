import type { RunningRelay } from '../../../gateway/relay.ts';

/** A backend could not serve a request, and another one may be tried: nothing of an answer has gone to the client. */
export class RelayFailure extends Error {
  /** What came of it, for whoever has no other backend left: to relay it, or to let go of it. */
  readonly running: RunningRelay;

  constructor(running: RunningRelay) {
    super('The backend did not serve the request.');
    this.name = 'RelayFailure';
    this.running = running;
  }
}
