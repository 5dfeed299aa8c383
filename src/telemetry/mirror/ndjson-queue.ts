const NEWLINE = 0x0a;
/** How much of the queue lines may fill that tell the details of a request. */
const ORDINARY_SHARE = 0.75;

/** Lines that wait to be written, bounded by their size in bytes, newlines included. */
export interface LineQueue {
  readonly bytes: number;
  readonly length: number;
  /** False when there is no room: the newest line is the one that is lost. The last quarter is kept for essential ones. */
  add(line: Buffer, isEssential: boolean): boolean;
  /** Adds a line past the bound: for the one that reports a loss. */
  force(line: Buffer): void;
  /** The size of the oldest line, or 0. */
  firstBytes(): number;
  /** The oldest lines in one piece, as many as fit into `room` and at least one. */
  peek(room: number): Buffer;
  /** Takes away the lines that these first bytes of what `peek` gave hold whole, and counts them. */
  drop(bytes: number): number;
  /** Takes all lines away and counts them. */
  clear(): number;
}

/** A line as it stands in the file. */
export const toLine = (text: string): Buffer => {
  const line = Buffer.allocUnsafe(Buffer.byteLength(text) + 1);
  line.write(text);
  line[line.length - 1] = NEWLINE;
  return line;
};

export const createLineQueue = (maxBytes: number): LineQueue => {
  let lines: Buffer[] = [];
  let bytes = 0;
  const force = (line: Buffer): void => {
    lines.push(line);
    bytes += line.length;
  };
  const remove = (count: number, size: number): number => {
    lines = lines.slice(count);
    bytes -= size;
    return count;
  };
  return {
    get bytes() {
      return bytes;
    },
    get length() {
      return lines.length;
    },
    add(line, isEssential) {
      const fits = bytes + line.length <= (isEssential ? maxBytes : maxBytes * ORDINARY_SHARE);
      if (fits) force(line);
      return fits;
    },
    force,
    firstBytes: () => lines[0]?.length ?? 0,
    peek(room) {
      let size = 0;
      const over = lines.findIndex((line, index) => {
        size += line.length;
        return index > 0 && size > room;
      });
      return Buffer.concat(over < 0 ? lines : lines.slice(0, over));
    },
    drop(written) {
      let count = 0;
      let size = 0;
      for (const line of lines) {
        if (size + line.length > written) break;
        size += line.length;
        count++;
      }
      return remove(count, size);
    },
    clear: () => remove(lines.length, bytes),
  };
};
