import { systemLater } from '../../../later.ts';
import type { Pace } from '../../../pace.ts';
import { createPacedLines } from '../rpc/paced-lines.ts';
import { MAX_LINE_BYTES, START_CHARS, type WorkerExit, type WorkerProcess } from './process.ts';

export interface WebsocketOptions {
  /** `ws://` or `wss://`. */
  readonly url: string;
  onLine(line: string): void;
  onOverlong(bytes: number, start: string): void;
  readonly pace: Pace;
}

/** A websocket cannot be told to wait: with more than that before us, it is closed. */
const MAX_WAITING_CHARS = 64 * 1024 * 1024;
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;
const NORMAL_CLOSURE = 1000;

/** Connects to an app-server that listens already: one message a frame. Its process is not ours, the connection is. */
export const connectWebsocket = ({ url, onLine, onOverlong, pace }: WebsocketOptions): WorkerProcess => {
  const startedAt = performance.now();
  const socket = new WebSocket(url);
  const waiting: string[] = [];
  const tellOverlong = (text: string): void =>
    onOverlong(Buffer.byteLength(text), text.slice(0, START_CHARS));
  const lines = createPacedLines({
    pace,
    onLine,
    onTooMany: tellOverlong,
    onWaiting: () => undefined,
    onEmpty: () => undefined,
  });
  let problem: string | undefined;

  socket.onopen = () => {
    for (const line of waiting.splice(0)) socket.send(line);
  };
  socket.onmessage = ({ data }) => {
    const text = typeof data === 'string' ? data : '';
    if (text.length > MAX_LINE_BYTES) tellOverlong(text);
    else lines.push(text);
    if (lines.waitingChars <= MAX_WAITING_CHARS) return;
    problem = 'it sends more than can be taken in';
    socket.close();
  };
  socket.onerror = (event) => {
    problem = 'message' in event ? String(event.message) : 'connection failed';
  };

  const { promise: exited, resolve } = Promise.withResolvers<WorkerExit>();
  const end = (error: string): void =>
    resolve({
      code: null,
      signal: null,
      uptime_ms: Math.round(performance.now() - startedAt),
      error,
      stderr: { lines: 0, bytes: 0 },
      last_output: [],
    });
  // The reason is the app-server's words, and every client with a turn on this connection is told of its end.
  socket.onclose = ({ code, reason }) => {
    const told = reason ? ` and ${Buffer.byteLength(reason)} bytes of reason` : '';
    end(`websocket closed with ${code}${told}${problem ? `: ${problem}` : ''}`);
  };

  return {
    pid: undefined,
    exited,
    send(line) {
      if (socket.readyState === WebSocket.CONNECTING) waiting.push(line);
      else if (socket.bufferedAmount > MAX_UNSENT_BYTES) return false;
      else if (socket.readyState === WebSocket.OPEN) socket.send(line);
      return true;
    },
    kill: () => socket.close(),
    async stop(graceMs) {
      socket.close(NORMAL_CLOSURE);
      // A peer that does not close its side has lost us all the same.
      const cancel = systemLater(graceMs, () => end('the websocket did not close in time'));
      const exit = await exited;
      cancel();
      return exit;
    },
  };
};
