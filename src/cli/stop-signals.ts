/**
 * A terminal sends its signals to the whole process group, and npm, which is in it, hands its own one on to us: within these
 * milliseconds the same one again is no second wish. People are not that quick; programs, which send SIGTERM, may be.
 */
const ECHO_MS = { SIGINT: 1_000, SIGHUP: 1_000, SIGTERM: 0 } as const;
/** Where npm runs us: what signals its group, as service managers do, is then heard twice, too. */
const ECHO_MS_BY_NPM = { ...ECHO_MS, SIGTERM: 100 } as const;

type StopSignal = keyof typeof ECHO_MS;

export interface StopSignalsOptions {
  /** Where signals are heard: the process. */
  readonly source: { on(name: NodeJS.Signals, listener: () => void): unknown };
  /** Whether `npm start` has started us. */
  readonly byNpm: boolean;
  /** Whether SIGHUP stops the gateway. It does not if it reloads the routes. */
  readonly hangupStops: boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Called at each wish after the first one. */
  readonly onSecond: () => void;
}

/** Aborts at the first signal to stop (SIGHUP is what a closed terminal sends), also while the gateway still starts. */
export const listenForStop = ({
  source,
  byNpm,
  hangupStops,
  now,
  onSecond,
}: StopSignalsOptions): AbortSignal => {
  const controller = new AbortController();
  const echoMs = byNpm ? ECHO_MS_BY_NPM : ECHO_MS;
  let first: { readonly name: StopSignal; readonly at: number } | undefined;

  const names = (Object.keys(echoMs) as StopSignal[]).filter((name) => hangupStops || name !== 'SIGHUP');
  for (const name of names)
    source.on(name, () => {
      if (first === undefined) {
        first = { name, at: now() };
        controller.abort(new Error('told to stop'));
      } else if (name !== first.name || now() - first.at >= echoMs[name]) onSecond();
    });
  return controller.signal;
};
