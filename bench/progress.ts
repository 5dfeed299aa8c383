/** One line that says what is measured: drawn again in place on a terminal; elsewhere a line for each scene is enough. */
export const createProgress = (out: NodeJS.WriteStream, now: () => number = () => performance.now()) => {
  const begun = now();
  let topic = '';
  return {
    say(text: string): void {
      const line = `${Math.round((now() - begun) / 1000)} s · ${text}`;
      if (out.isTTY) return void out.write(`\r\x1b[K${line.slice(0, out.columns - 1)}`);
      const [next = ''] = text.split(':');
      if (next !== topic) out.write(`${line}\n`);
      topic = next;
    },
    end(): void {
      if (out.isTTY) out.write('\r\x1b[K');
    },
  };
};
