/** A queue whose first item is taken in constant time however long it is, which `Array.shift` does not promise. */
export interface Fifo<Item> {
  readonly length: number;
  /** The oldest item; undefined when there is none. */
  readonly first: Item | undefined;
  push(item: Item): void;
  /** Takes the oldest item; undefined when there is none. */
  take(): Item | undefined;
  clear(): void;
}

/** The places of items that were taken are given back when there are this many, and more than half are such. */
const MIN_TAKEN = 1024;

export const createFifo = <Item>(): Fifo<Item> => {
  let items: (Item | undefined)[] = [];
  let head = 0;
  return {
    get length() {
      return items.length - head;
    },
    get first() {
      return items[head];
    },
    push: (item) => void items.push(item),
    take() {
      if (head === items.length) return undefined;
      const item = items[head];
      items[head++] = undefined;
      if (head >= MIN_TAKEN && head * 2 > items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    clear() {
      items = [];
      head = 0;
    },
  };
};
