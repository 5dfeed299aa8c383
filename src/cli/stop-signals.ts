/** The last is what a closed terminal sends. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A terminal sends its signals to the whole process group, and npm, which is in it, hands its own one on to us: within this
 * time the same one again is no second wish.
 */
const ECHO_MS = 1_000;
const FROM_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGHUP']);

export interface StopSignalsOptions {
  /** Where signals are heard: the process. */
  readonly source: { on(name: NodeJS.Signals, listener: () => void): unknown };
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Called at each wish after the first one. */
  readonly onSecond: () => void;
}

/** Aborts at the first signal to stop, also while the gateway still starts. */
export const listenForStop = ({ source, now, onSecond }: StopSignalsOptions): AbortSignal => {
  const controller = new AbortController();
  let first = { name: '', at: 0 };
  const isEcho = (name: string): boolean =>
    name === first.name && FROM_TERMINAL.has(name) && now() - first.at < ECHO_MS;

  for (const name of STOP_SIGNALS)
    source.on(name, () => {
      if (!controller.signal.aborted) {
        first = { name, at: now() };
        controller.abort(new Error('told to stop'));
      } else if (!isEcho(name)) onSecond();
    });
  return controller.signal;
};
