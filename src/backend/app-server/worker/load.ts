/** Counts who is inside, and says when nobody is. */
export interface Load {
  readonly count: number;
  /** One more, until what it gives back is called; twice is harmless. */
  enter(): () => void;
  /** Runs once nobody is inside, at once if that is so now. */
  whenIdle(run: () => void): void;
}

export const createLoad = (): Load => {
  let count = 0;
  let waiting: (() => void)[] = [];

  const leave = (): void => {
    count--;
    if (count > 0) return;
    const runs = waiting;
    waiting = [];
    for (const run of runs) run();
  };

  return {
    get count() {
      return count;
    },
    enter() {
      let inside = true;
      count++;
      return () => {
        if (!inside) return;
        inside = false;
        leave();
      };
    },
    whenIdle(run) {
      if (count === 0) run();
      else waiting.push(run);
    },
  };
};
