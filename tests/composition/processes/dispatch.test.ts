import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { dispatchConnections } from '../../../src/composition/processes/dispatch.ts';

/** A connection by its name, and whether ours of it has been closed. */
const connection = (name: string) => {
  const socket = Object.assign(new EventEmitter(), { name, closed: false });
  return Object.assign(socket, { destroy: () => Object.assign(socket, { closed: true }) });
};

const open = () => {
  const dispatch = dispatchConnections();
  const all: ReturnType<typeof connection>[] = [];
  return {
    dispatch,
    all,
    come(...names: string[]): void {
      for (const name of names) {
        const one = connection(name);
        all.push(one);
        dispatch.accept(one as unknown as Socket);
      }
    },
    join(isThere = true) {
      const got: string[] = [];
      const served = dispatch.join((socket) => {
        if (isThere) got.push((socket as unknown as { name: string }).name);
        return isThere;
      });
      return { got, ...served };
    },
  };
};

test('connections go to the processes in turn', () => {
  const { join, come } = open();
  const [one, two] = [join(), join()];
  come('a', 'b', 'c', 'd');
  expect([one.got, two.got]).toEqual([
    ['a', 'c'],
    ['b', 'd'],
  ]);
});

test('what comes before a process is there waits for one', () => {
  const { join, come } = open();
  come('a', 'b');
  expect(join().got).toEqual(['a', 'b']);
});

test('what a process has not taken when it ends goes to another, what it has taken does not', () => {
  const { join, come, all } = open();
  const [one, two] = [join(), join()];
  come('a', 'b', 'c', 'd', 'e');
  one.taken();
  one.leave();
  expect(two.got).toEqual(['b', 'd', 'c', 'e']);
  // Ours of what was taken is closed, and ours of what was not is open still.
  expect(all.map(({ closed }) => closed)).toEqual([true, false, false, false, false]);
});

test('a process that cannot be told any more gets nothing', () => {
  const { join, come } = open();
  join(false);
  const two = join();
  come('a', 'b', 'c');
  expect(two.got).toEqual(['a', 'b', 'c']);
});

test('a thousand connections wait for a process at most, and none once it is closed', () => {
  const { dispatch, come, all } = open();
  come(...Array.from({ length: 1_030 }, (_, index) => String(index)));
  expect(all.filter(({ closed }) => closed)).toHaveLength(6);
  dispatch.close();
  come('late');
  expect(all.every(({ closed }) => closed)).toBe(true);
});
