/**
 * Loaded into the gateway before its own code (`--import`). Answers each message of its parent with the longest stretch for which the main
 * thread worked without coming back to its timers, and with all that it worked, since the last message: processor time in milliseconds,
 * so that other processes of the machine do not count.
 */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

let begun = cpuMs();
let last = begun;
let longest = 0;

const look = (): void => {
  const now = cpuMs();
  longest = Math.max(longest, now - last);
  last = now;
};
setInterval(look, 1).unref();

process.on('message', () => {
  look();
  process.send?.({ holdMs: longest, cpuMs: last - begun });
  begun = last;
  longest = 0;
});
process.channel?.unref();
