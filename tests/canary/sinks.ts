import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { CommanderError } from 'commander';
import { createReplayCommand } from '../../src/cli/replay.ts';
import { runTrace } from '../cli/run-trace.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { listenOnLoopback } from '../support/loopback.ts';
import { joinPieces } from './join-pieces.ts';

/** Everything that leaves a gateway, as bytes by where they went. */
export type Sinks = Readonly<Record<string, string>>;

/** Keeps what is exported as it came, whatever its encoding. */
export interface RawCollector {
  readonly url: string;
  readonly traces: () => string;
  readonly logs: () => string;
  close(): Promise<void>;
}

/** A character a byte: what is looked for is ASCII, also inside of protobuf. */
export const createRawCollector = async (): Promise<RawCollector> => {
  const bytes: Record<string, string[]> = { '/v1/traces': [], '/v1/logs': [] };
  const { url, close } = await listenOnLoopback(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    bytes[request.url ?? '']?.push(plain.toString('latin1'));
    const type = request.headers['content-type'] ?? '';
    response.writeHead(200, { 'content-type': type });
    response.end(type.includes('json') ? '{}' : '');
  });
  const of = (path: string) => () => (bytes[path] ?? []).join('\n');
  return { url, traces: of('/v1/traces'), logs: of('/v1/logs'), close };
};

/** The bytes of all files below a folder whose names begin like that. */
const filesBelow = async (folder: string, isMeant: (path: string) => boolean): Promise<string> => {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(paths.filter(isMeant).map((path) => readFile(path, 'latin1')));
  return texts.join('\n');
};

type Files = { readonly protoLog: string; readonly usageLog: string };

const replay = async (defaults: Files, id: string): Promise<string> => {
  let text = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const command = createReplayCommand({ defaults, stdout }).configureOutput({
    writeErr: (words) => {
      text += words;
    },
  });
  await command.parseAsync(['--req-id', id], { from: 'user' }).catch((thrown: unknown) => {
    if (!(thrown instanceof CommanderError)) throw thrown;
  });
  return text;
};

/** Views of requests that a person asks for. */
const views = async (files: Files, reqIds: readonly string[]): Promise<[string, string][]> => {
  const trace = async (id: string, ...args: string[]): Promise<string> => {
    const { stdout, stderr } = await runTrace(files, ['--req-id', id, ...args]);
    return stdout + stderr;
  };
  const all = async (view: (id: string) => Promise<string>): Promise<string> => {
    let text = '';
    for (const id of reqIds) text += await view(id);
    return text;
  };
  return [
    ['trace', await all((id) => trace(id))],
    ['trace --json', await all((id) => trace(id, '--json'))],
    ['replay', await all((id) => replay(files, id))],
  ];
};

interface Told {
  readonly gateway: GatewayProcess;
  /** Those behind it. They are ended here. */
  readonly hops: readonly GatewayProcess[];
  readonly collector: RawCollector;
  /** Bodies and heads of answers to a client that has planted nothing. */
  readonly others: readonly string[];
  /** What health checks, the page and the description said. */
  readonly plain: readonly string[];
  readonly reqIds: readonly string[];
  /** The lines of the log before the crash. */
  readonly linesBefore: number;
}

const logsIn = (cwd: string): Files => ({
  protoLog: join(cwd, '.throughline', 'proto.ndjson'),
  usageLog: join(cwd, '.throughline', 'usage.ndjson'),
});

/** What stands in the files of some gateways, by what it is. */
const filesOf = async (gateways: readonly GatewayProcess[]): Promise<Sinks> => {
  const isUsage = (path: string) => path.includes('usage.ndjson');
  const isMirror = (path: string) => path.includes('proto.ndjson');
  const all = async (isMeant: (path: string) => boolean): Promise<string> =>
    (await Promise.all(gateways.map(({ cwd }) => filesBelow(cwd, isMeant)))).join('\n');
  const mirror = await all(isMirror);
  return {
    mirror,
    'mirror, put together': joinPieces(mirror),
    'usage log': await all(isUsage),
    'other files': await all((path) => !isMirror(path) && !isUsage(path)),
  };
};

/** Reads them once the gateway has ended; the crash's own words are among them. */
export const readSinks = async (told: Told): Promise<Sinks> => {
  const { gateway, hops, collector, others, plain, reqIds, linesBefore } = told;
  for (const hop of hops) await hop.stop();
  const log = gateway.log.map((line) => JSON.stringify(line));
  const logOfHops = hops.flatMap((hop) => hop.log.map((line) => JSON.stringify(line)));
  return {
    'OTLP traces': collector.traces(),
    'OTLP logs': collector.logs(),
    ...(await filesOf([gateway, ...hops])),
    stdout: [...log.slice(0, linesBefore), ...logOfHops].join('\n'),
    'crash output': log.slice(linesBefore).join('\n'),
    stderr: [gateway, ...hops].map(({ stderr }) => stderr()).join('\n'),
    'answers to others': others.join('\n'),
    'health and documentation': plain.join('\n'),
    ...Object.fromEntries(await views(logsIn(gateway.cwd), reqIds)),
  };
};
