import { dataOf, type Frame } from '../../src/egress/encoder.ts';

/** What a client reads of a frame. */
export const valueIn = (frame: Frame): unknown => {
  const data = dataOf(frame);
  return data === '[DONE]' ? data : JSON.parse(data);
};

export const isTerminal = (frame: Frame): boolean => frame.type === 'plain' && frame.terminal;
