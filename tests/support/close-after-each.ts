export type Closable = { close(): Promise<unknown> };

/** Gives a function that keeps what a test opens; all of it is closed behind the test, the last one first. */
export const closeAfterEach = () => {
  const opened: Closable[] = [];
  afterEach(async () => {
    for (const thing of opened.splice(0).reverse()) await thing.close();
  });
  return <T extends Closable>(thing: T): T => {
    opened.push(thing);
    return thing;
  };
};
