import { once } from 'node:events';
import { connect } from 'node:net';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';

describe('a gateway that asks for a key', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({ PROXY_API_KEYS: 'a-key-of-mine' });
  });
  afterAll(() => gateway?.remove());

  const statusOf = async (target: string): Promise<string> => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.end(`GET ${target} HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\n\r\n`);
    await once(socket, 'close');
    return answer.slice(9, 12);
  };

  it.each([
    '/v1/models',
    '/%761/models',
    '/v%31/models',
    '/./v1/models',
    '/x/../v1/models',
    'http://x/v1/models',
    '/v1',
    '/v1x',
  ])('asks for it however the path is spelled: %s', async (target) => {
    expect(await statusOf(target)).toBe('401');
  });

  it.each(['//v1/models', '/V1/models'])('gives nothing of the backend away for %s', async (target) => {
    expect(['401', '404']).toContain(await statusOf(target));
  });
});
