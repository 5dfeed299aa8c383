export interface LineSplitter {
  readonly push: (chunk: Buffer) => void;
}

export interface LineSplitterOptions {
  readonly maxBytes: number;
  readonly onLine: (line: string) => void;
  /** Said once of each line that is over the bound; the rest of it is skipped. */
  readonly onTooLong: () => void;
}

const NEWLINE = 0x0a;

/** Cuts a byte stream into lines, holding no more than one of them; empty lines are skipped. */
export const createLineSplitter = ({ maxBytes, onLine, onTooLong }: LineSplitterOptions): LineSplitter => {
  let parts: Buffer[] = [];
  let size = 0;
  let skipping = false;

  const add = (part: Buffer) => {
    size += part.length;
    if (skipping) return;
    if (size > maxBytes) {
      skipping = true;
      parts = [];
      onTooLong();
    } else {
      parts.push(part);
    }
  };
  const end = () => {
    const line = skipping ? '' : Buffer.concat(parts).toString('utf8').trim();
    parts = [];
    size = 0;
    skipping = false;
    if (line !== '') onLine(line);
  };

  return {
    push(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        add(chunk.subarray(from, at));
        end();
        from = at + 1;
      }
      if (from < chunk.length) add(chunk.subarray(from));
    },
  };
};
