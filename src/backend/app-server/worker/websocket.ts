import type { WorkerExit, WorkerProcess } from './process.ts';

export interface WebsocketOptions {
  /** `ws://` or `wss://`. */
  readonly url: string;
  onLine(line: string): void;
  onOverlong(bytes: number): void;
}

const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;
const NORMAL_CLOSURE = 1000;

/** Connects to an app-server that listens already: one message a frame. Its process is not ours, the connection is. */
export const connectWebsocket = ({ url, onLine, onOverlong }: WebsocketOptions): WorkerProcess => {
  const startedAt = performance.now();
  const socket = new WebSocket(url);
  const waiting: string[] = [];
  let problem: string | undefined;

  socket.onopen = () => {
    for (const line of waiting.splice(0)) socket.send(line);
  };
  socket.onmessage = ({ data }) => {
    const text = typeof data === 'string' ? data : '';
    if (text.length > MAX_MESSAGE_BYTES) onOverlong(Buffer.byteLength(text));
    else onLine(text);
  };
  socket.onerror = (event) => {
    problem = 'message' in event ? String(event.message) : 'connection failed';
  };

  const exited = new Promise<WorkerExit>((resolve) => {
    socket.onclose = ({ code, reason }) =>
      resolve({
        code: null,
        signal: null,
        uptime_ms: Math.round(performance.now() - startedAt),
        error: `websocket closed with ${code}${reason ? ` ${reason}` : ''}${problem ? `: ${problem}` : ''}`,
        stderr: { lines: 0, bytes: 0 },
      });
  });

  return {
    pid: undefined,
    exited,
    send(line) {
      if (socket.readyState === WebSocket.CONNECTING) waiting.push(line);
      else if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > MAX_UNSENT_BYTES) return false;
      else socket.send(line);
      return true;
    },
    kill: () => socket.close(),
    async stop(graceMs) {
      socket.close(NORMAL_CLOSURE);
      const late = new Promise<void>((resolve) => setTimeout(resolve, graceMs).unref());
      await Promise.race([exited, late]);
      return Promise.race([exited, late.then(() => closedByUs(startedAt))]);
    },
  };
};

const closedByUs = (startedAt: number): WorkerExit => ({
  code: null,
  signal: null,
  uptime_ms: Math.round(performance.now() - startedAt),
  error: 'the websocket did not close in time',
  stderr: { lines: 0, bytes: 0 },
});
