/** Who is told of trouble. What they throw stays here. */
export interface OutageListeners {
  /**
   * Called once an outage, at its first failed attempt or lost line. `lost` counts the lines lost so far in it: 0 while
   * everything still fits into the queue.
   */
  readonly onLost?: ((lost: number, error: Error) => void) | undefined;
  /** Called once at the end of each outage, with all that it cost (perhaps 0). The line that it returns is appended. */
  readonly onRecovered?: ((lost: number) => string | undefined) | undefined;
}

/** From the first failure or lost line until everything that waited is written: one notice, however much happens. */
export interface Outage {
  readonly lastError: Error | undefined;
  failed(error: Error): void;
  lost(lines: number, why: string | Error): void;
  /** As `lost`, for a file that takes nothing any more: this outage never ends. */
  refused(lines: number, why: string): void;
  /** Ends the outage, if there is one that can end, and gives the line to add for it. */
  end(): string | undefined;
}

export const createOutage = ({ onLost, onRecovered }: OutageListeners): Outage => {
  let active = false;
  let closed = false;
  let lost = 0;
  let lastError: Error | undefined;

  const notice = (error: Error): void => {
    lastError = error;
    if (active) return;
    active = true;
    try {
      onLost?.(lost, error);
    } catch (failure) {
      lastError = new Error('onLost failed', { cause: failure });
    }
  };

  const lose = (lines: number, why: string | Error): void => {
    lost += lines;
    // An error takes a stack trace to make, too much for each of many lines.
    if (!active) notice(why instanceof Error ? why : new Error(why));
  };

  return {
    get lastError() {
      return lastError;
    },
    failed: notice,
    lost: lose,
    refused(lines, why) {
      closed = true;
      lose(lines, why);
    },
    end() {
      if (!active || closed) return undefined;
      const count = lost;
      active = false;
      lost = 0;
      try {
        return onRecovered?.(count);
      } catch (failure) {
        lastError = new Error('onRecovered failed', { cause: failure });
        return undefined;
      }
    },
  };
};
