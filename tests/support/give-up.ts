/**
 * How long a test waits for what must come before it says that it did not, in milliseconds. No test waits so long for what
 * it gets: a machine that has much to do is slow, and that is no failure.
 */
export const GIVE_UP_MS = 60_000;
