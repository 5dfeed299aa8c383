import type { z } from 'zod';
import { ANSWERS, type AnswerName } from '../../src/http/openapi/answers.ts';
import { ROUTES } from '../../src/http/routes.ts';

/** Where a path has parameters, whatever stands there. */
const routeOf = (path: string) =>
  ROUTES.find(({ path: template }) =>
    new RegExp(`^${template.replace(/\{\w+\}/g, '.+')}$`).test(path.split('?')[0] ?? ''),
  );

const misfit = (name: AnswerName, value: unknown): string | null => {
  const schema: z.ZodType = ANSWERS[name];
  const { error } = schema.safeParse(value);
  return error ? `${name}: ${error.message}` : null;
};

/** What of a whole answer is not as the description of the API says, if anything. */
export const wholeMisfit = (path: string, body: unknown): string | null => {
  const route = routeOf(path);
  return route ? misfit(route.answers.json, body) : `${path} is no route`;
};

/** The frames of a stream, by their data; comments and the names of events are left out. */
const dataOf = (text: string): string[] => text.match(/^data: .*$/gm)?.map((line) => line.slice(6)) ?? [];

/** What of a stream is not as the description of the API says, if anything: each frame, and how it ends. */
export const streamMisfit = (path: string, text: string): string | null => {
  const stream = routeOf(path)?.answers.stream;
  if (!stream) return `${path} has no streams`;
  const frames = dataOf(text);
  const last = frames.at(-1) ?? '';
  if (stream === 'ResponseStreamEvent') {
    const { type } = JSON.parse(last) as { type?: string };
    if (!/^response\.(?:completed|failed|incomplete)$/.test(type ?? '')) return `it ends with ${type}`;
    return frames.flatMap((data) => misfit(stream, JSON.parse(data)) ?? [])[0] ?? null;
  }
  const failed = last !== '[DONE]';
  if (failed) return misfit('Error', JSON.parse(last)) ?? streamBody(stream, frames);
  return streamBody(stream, frames);
};

const streamBody = (name: AnswerName, frames: readonly string[]): string | null =>
  frames.slice(0, -1).flatMap((data) => misfit(name, JSON.parse(data)) ?? [])[0] ?? null;
