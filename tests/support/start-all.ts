/** What a test starts and has to end: a process with its folder, or a server. */
type Started = { remove(): Promise<unknown> } | { close(): Promise<unknown> } | { stop(): Promise<unknown> };

const end = (started: Started): Promise<unknown> => {
  if ('remove' in started) return started.remove();
  return 'close' in started ? started.close() : started.stop();
};

/** Starts several things at once. When one of them cannot be had, it ends those that could, and then rejects with why. */
export const startAll = async <const Starts extends readonly Promise<Started>[]>(
  ...starts: Starts
): Promise<{ -readonly [Index in keyof Starts]: Awaited<Starts[Index]> }> => {
  const settled = await Promise.allSettled(starts);
  const failed = settled.find(({ status }) => status === 'rejected');
  const started = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (!failed) return started as never;
  await Promise.allSettled(started.map(end));
  throw (failed as PromiseRejectedResult).reason;
};
