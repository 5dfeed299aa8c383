import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A request over a socket of the test's own, which reads nothing until it is told to. */
export type RawRequest = {
  socket: Socket;
  /** Reads from now on, until `text` has come or the connection is closed. Resolves with all that came. */
  readUntil(text: string): Promise<string>;
};

export const rawPost = (url: string, path: string, body: unknown, headers: Record<string, string> = {}) => {
  const text = JSON.stringify(body);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  const fields = { host: hostname, 'content-type': 'application/json', ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `POST ${path} HTTP/1.1\r\n${lines.join('')}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  let got = '';
  return {
    socket,
    readUntil: (wanted: string) =>
      new Promise<string>((resolve) => {
        const finish = () => {
          socket.off('data', onData).off('close', finish);
          resolve(got);
        };
        const onData = (chunk: Buffer) => {
          got += chunk;
          if (got.includes(wanted)) finish();
        };
        socket.on('data', onData).on('close', finish);
      }),
  } satisfies RawRequest;
};

/** Sends bytes as they are, and gives back what came until the server closed. */
export const sendRaw = async (url: string, bytes: string): Promise<string> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => undefined);
  socket.end(bytes);
  await once(socket, 'close');
  return answer;
};
