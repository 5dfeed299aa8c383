/** Runs tasks in the order in which they came, `atOnce` in each turn of the event loop: many that fall due at once must not hold it. */
export type Pacer = (task: () => void) => void;

export const createPacer = (atOnce: number): Pacer => {
  let waiting: (() => void)[] = [];
  const runSome = (): void => {
    const now = waiting.slice(0, atOnce);
    waiting = waiting.slice(atOnce);
    if (waiting.length > 0) setImmediate(runSome);
    for (const task of now) task();
  };
  return (task) => {
    waiting.push(task);
    if (waiting.length === 1) setImmediate(runSome);
  };
};
