import { types } from 'node:util';

/** What was thrown, as an error. */
export const toError = (error: unknown): Error =>
  types.isNativeError(error) ? error : new Error(String(error));

/** Who is told of trouble. What they throw stays here. */
export interface OutageListeners {
  /**
   * Called at the first failed attempt or lost line of an outage. `lost` counts the lines lost so far in it: 0 while everything
   * still fits into the queue; then it is called once more, when lines begin to be lost.
   */
  readonly onLost?: ((lost: number, error: Error) => void) | undefined;
  /** Called once at the end of each outage, with all that it cost (perhaps 0). The line that it returns is appended. */
  readonly onRecovered?: ((lost: number) => string | undefined) | undefined;
  /** Called once, when the file is closed without lines of an outage that goes on: `lost` counts all that never got there. */
  readonly onUnwritten?: ((lost: number, error: Error) => void) | undefined;
}

/** From the first failure or lost line until everything that waited is written: one notice, however much happens. */
export interface Outage {
  readonly lastError: Error | undefined;
  failed(error: Error): void;
  lost(lines: number, why: string | Error): void;
  /** One more line is lost because the file closes or is closed, which is no outage that could end. */
  refused(): void;
  /** The file is closed, and so many lines were left. */
  close(left: number): void;
  /** Ends the outage, if there is one that can end, and gives the line to add for it. */
  end(): string | undefined;
}

export const createOutage = ({ onLost, onRecovered, onUnwritten }: OutageListeners): Outage => {
  let active = false;
  let closed = false;
  let lost = 0;
  let refused = 0;
  let hasToldLoss = false;
  let lastError: Error | undefined;

  const tell = <Result>(name: string, listener: () => Result): Result | undefined => {
    try {
      return listener();
    } catch (failure) {
      lastError = new Error(`${name} failed`, { cause: failure });
      return undefined;
    }
  };

  const notice = (error: Error): void => {
    lastError = error;
    if (active && (lost === 0 || hasToldLoss)) return;
    active = true;
    hasToldLoss = lost > 0;
    tell('onLost', () => onLost?.(lost, error));
  };

  const lose = (lines: number, why: string | Error): void => {
    lost += lines;
    // An error takes a stack trace to make, too much for each of many lines.
    if (!hasToldLoss) notice(why instanceof Error ? why : new Error(why));
  };

  return {
    get lastError() {
      return lastError;
    },
    failed: notice,
    lost: lose,
    refused() {
      if (closed) lose(1, 'the file is closed');
      else refused++;
    },
    close(left) {
      closed = true;
      lost += left + refused;
      if (lost === 0) return;
      hasToldLoss = true;
      const error = (active && lastError) || new Error('the file was closed before they were written');
      tell('onUnwritten', () => onUnwritten?.(lost, error));
    },
    end() {
      if (!active || closed) return undefined;
      const count = lost;
      active = false;
      hasToldLoss = false;
      lost = 0;
      return tell('onRecovered', () => onRecovered?.(count));
    },
  };
};
