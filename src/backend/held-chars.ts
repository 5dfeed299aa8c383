/** What one answer holds of the memory that all of them share. */
export interface Held {
  /** Takes room for so many characters more; false when there is none. */
  take(chars: number): boolean;
  give(chars: number): void;
  /** Gives all of it back. Twice is harmless. */
  close(): void;
}

/** The memory that the answers which are under way may take together: each has a bound of its own, and there may be hundreds. */
export interface HeldChars {
  readonly chars: number;
  open(): Held;
}

const MAX_CHARS = 128 * 1024 * 1024;

/** What one answer may always hold: those that are read as they come must not fail because others are not. */
const SHARE_CHARS = 256 * 1024;

export const createHeldChars = (maxChars = MAX_CHARS, shareChars = SHARE_CHARS): HeldChars => {
  let total = 0;
  return {
    get chars() {
      return total;
    },
    open() {
      let own = 0;
      const give = (chars: number): void => {
        own -= chars;
        total -= chars;
      };
      return {
        take(chars) {
          if (total + chars > maxChars && own + chars > shareChars) return false;
          give(-chars);
          return true;
        },
        give,
        close: () => give(own),
      };
    },
  };
};
