import type { RunningRelay } from '../../../gateway/relay.ts';

/** A backend did not serve a request, and another backend may be tried: the client has got nothing of an answer yet. */
export class RelayFailure extends Error {
  /** The failed attempt. The catcher relays it if no other backend is left, or else releases it. */
  readonly running: RunningRelay;

  constructor(running: RunningRelay) {
    super('The backend did not serve the request.');
    this.name = 'RelayFailure';
    this.running = running;
  }
}
