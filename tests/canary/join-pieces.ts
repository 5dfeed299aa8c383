import type { MirrorLine } from '../../src/telemetry/mirror/line.ts';

/** Kinds of events of which one follows another for each piece of a text. */
const IN_PIECES = new Set(['upstream_chunk', 'client_sse', 'client_sse_done', 'rpc_notification']);

const placesIn = (value: unknown, path: string, tell: (path: string, text: string) => void): void => {
  if (typeof value === 'string') return tell(path, value);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    placesIn(inner, `${path}.${Array.isArray(value) ? numberOf(inner, key) : key}`, tell);
};

const numberOf = (item: unknown, position: string): string => {
  const { index } = (item ?? {}) as { index?: unknown };
  return typeof index === 'number' ? String(index) : position;
};

/** A reader of the mirror has all pieces of a text: gives what they come to, for each place of each request's events. */
export const joinPieces = (mirror: string): string => {
  const texts = new Map<string, string[]>();
  for (const text of mirror.split('\n')) {
    if (text === '') continue;
    const line = JSON.parse(text) as MirrorLine;
    if (line.type !== 'event' || line.kind === null || !IN_PIECES.has(line.kind)) continue;
    placesIn(line.payload, `${line.req_id} ${line.span_id} ${line.kind}`, (path, piece) => {
      const pieces = texts.get(path) ?? [];
      texts.set(path, pieces);
      pieces.push(piece);
    });
  }
  return [...texts].map(([path, pieces]) => `${path} ${pieces.join('')}`).join('\n');
};
