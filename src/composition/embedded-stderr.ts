const SERVICE = 'throughline-app-server';
/** A line beyond this is none of the embedded app-server's. */
const MAX_LINE_CHARS = 16 * 1024;

const isDiagnostic = (line: string): boolean => {
  try {
    const value: unknown = JSON.parse(line);
    return (value as { service?: unknown } | null)?.service === SERVICE;
  } catch {
    return false;
  }
};

/**
 * Lets through what the embedded app-server says on stderr in lines of its own, which hold nothing of a client's or a model's. What else
 * stands there comes from Node or a fault, may quote anything, and is told by its size alone.
 */
export const createStderrFilter = (write: (text: string) => void): ((chunk: Buffer) => void) => {
  const decoder = new TextDecoder();
  let rest = '';
  let overlong = 0;
  const tell = (line: string): void => {
    if (isDiagnostic(line)) return write(`${line}\n`);
    const bytes = overlong + Buffer.byteLength(line);
    overlong = 0;
    if (bytes > 0) write(`${JSON.stringify({ service: SERVICE, msg: 'other words on stderr', bytes })}\n`);
  };
  return (chunk) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line);
    if (rest.length <= MAX_LINE_CHARS) return;
    overlong += Buffer.byteLength(rest);
    rest = '';
  };
};
