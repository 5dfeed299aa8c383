/** What a measured process is asked, one question at a time. */
export type ProbeQuestion = 'begin' | 'end' | 'collect';

/** How long the event loop kept its timers waiting, in milliseconds. */
export interface Delay {
  readonly p99: number;
  readonly max: number;
}

export interface ProbeAnswer {
  readonly delay: Delay | null;
}
