/** The data of a stream's frames, in order; what is no frame at all fails. */
export const framesOf = (body: string): string[] => {
  if (body === '') return [];
  if (!body.endsWith('\n\n')) throw new Error(`the stream ends within a frame: ${body.slice(-80)}`);
  return body
    .slice(0, -2)
    .split('\n\n')
    .map((frame) => {
      if (!frame.startsWith('data: ') || frame.includes('\n')) throw new Error(`no frame: ${frame}`);
      return frame.slice('data: '.length);
    });
};
