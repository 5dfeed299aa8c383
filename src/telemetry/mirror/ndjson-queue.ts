/** How much of the queue lines may fill that tell the details of a request. */
const ORDINARY_SHARE = 0.75;
/** The lines of one write call stand in one block. Large, since a busy event loop comes back to the file seldom. */
const BLOCK_BYTES = 1024 * 1024;
/** No UTF-16 unit takes more in UTF-8. */
const MAX_UNIT_BYTES = 3;
const NEWLINE = 0x0a;

/** Lines that wait to be written, bounded by their size in bytes, newlines included. */
export interface LineQueue {
  readonly bytes: number;
  readonly length: number;
  /** False when there is no room: the newest line is the one that is lost. The last quarter is kept for essential ones. */
  add(line: string, isEssential: boolean): boolean;
  /** Adds a line past the bound: for the one that reports a loss. */
  force(line: string): void;
  /** The size of the oldest line, or 0. */
  firstBytes(): number;
  /** Oldest lines in one piece, no more than fit into `room`, and at least one. It is good until they are dropped. */
  peek(room: number): Buffer;
  /** Takes away the lines that these first bytes of what `peek` gave hold whole, and counts them. */
  drop(bytes: number): number;
  /** Takes all lines away and counts them. */
  clear(): number;
}

/** Lines as they stand in the file, one behind the other, from `start` to `end`. */
interface Block {
  readonly buffer: Buffer;
  start: number;
  end: number;
  /** The sizes of its lines; those before `first` are gone. */
  sizes: number[];
  first: number;
}

/** Whether a line with its newline fits. Most lines are so far from it that nobody counts. */
export const fitsInto = (room: number, line: string): boolean =>
  line.length * MAX_UNIT_BYTES < room || Buffer.byteLength(line) < room;

const createBlock = (bytes: number): Block => ({
  buffer: Buffer.allocUnsafeSlow(bytes),
  start: 0,
  end: 0,
  sizes: [],
  first: 0,
});

/** Writes a line behind the others, and gives its size. */
const write = (block: Block, line: string): number => {
  const size = block.buffer.write(line, block.end) + 1;
  block.end += size;
  block.buffer[block.end - 1] = NEWLINE;
  block.sizes.push(size);
  return size;
};

/** Of the first lines of a block those that fit into `room`, and at least `least` of them: how many, and their size. */
const fitting = ({ sizes, first }: Block, room: number, least: number): { count: number; size: number } => {
  let size = 0;
  let place = first;
  for (; place < sizes.length; place++) {
    const next = size + (sizes[place] ?? 0);
    if (next > room && place - first >= least) break;
    size = next;
  }
  return { count: place - first, size };
};

/** A line is encoded once, to where it is written from. */
export const createLineQueue = (maxBytes: number): LineQueue => {
  let blocks: Block[] = [];
  let length = 0;
  let bytes = 0;

  /** The newest block, or a new one where the line does not fit into that. */
  const blockFor = (line: string): Block => {
    const newest = blocks.at(-1);
    if (newest && fitsInto(newest.buffer.length - newest.end, line)) return newest;
    const block = createBlock(fitsInto(BLOCK_BYTES, line) ? BLOCK_BYTES : Buffer.byteLength(line) + 1);
    blocks.push(block);
    return block;
  };

  const force = (line: string): void => {
    bytes += write(blockFor(line), line);
    length++;
  };

  /** A block that is empty is used again, unless there is a newer one. */
  const release = (block: Block): void => {
    if (blocks.length > 1 || block.buffer.length > BLOCK_BYTES) blocks.shift();
    else Object.assign(block, { start: 0, end: 0, sizes: [], first: 0 });
  };

  return {
    get bytes() {
      return bytes;
    },
    get length() {
      return length;
    },
    add(line, isEssential) {
      const room = (isEssential ? maxBytes : maxBytes * ORDINARY_SHARE) - bytes;
      const fits = fitsInto(room, line);
      if (fits) force(line);
      return fits;
    },
    force,
    firstBytes: () => blocks[0]?.sizes[blocks[0].first] ?? 0,
    peek(room) {
      const [block = createBlock(0)] = blocks;
      return block.buffer.subarray(block.start, block.start + fitting(block, room, 1).size);
    },
    drop(written) {
      const [block] = blocks;
      if (!block) return 0;
      const { count, size } = fitting(block, written, 0);
      block.first += count;
      block.start += size;
      length -= count;
      bytes -= size;
      if (block.start === block.end) release(block);
      return count;
    },
    clear() {
      const count = length;
      [blocks, length, bytes] = [[], 0, 0];
      return count;
    },
  };
};
