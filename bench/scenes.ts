/** One kind of load. Sizes are in bytes. */
export interface Scene {
  readonly name: string;
  readonly title: string;
  /** `load`: as fast as a fixed number of clients can; `quiet`: streams that say nothing; `idle`: no client at all. */
  readonly kind: 'load' | 'quiet' | 'idle';
  readonly stream: boolean;
  /** Words that the model says. In a stream each of them is one chunk. */
  readonly words: number;
  readonly promptBytes: number;
  readonly clients: number;
  /** Whether the prompt is made to cost a sanitizer as much as it can. */
  readonly hostile: boolean;
  /** Whether a run without `--scene` has it. */
  readonly usual: boolean;
  /** Whether `--quick` has it: on the quick rows, or on these of them. */
  readonly quick: boolean | readonly string[];
  /** The rows that run it; null: all. */
  readonly only: readonly string[] | null;
}

const MB = 1_000_000;
const CLIENTS = 8;
export const QUIET_STREAMS = 1_000;
/** About 75,000 tokens of four characters. */
const LONG_PROMPT = 300_000;

const base = {
  kind: 'load',
  stream: false,
  words: 8,
  promptBytes: 0,
  clients: CLIENTS,
  hostile: false,
  usual: true,
  quick: false,
  only: null,
} as const;

const streamOf = (words: number, quick: boolean): Scene => ({
  ...base,
  name: `stream-${words}`,
  title: `Streams of ${words} chunks`,
  stream: true,
  words,
  quick,
});

export const PLAIN: Scene = { ...base, name: 'plain', title: 'Plain requests', quick: true };

export const SCENES: readonly Scene[] = [
  PLAIN,
  streamOf(8, true),
  streamOf(64, true),
  streamOf(512, false),
  {
    ...streamOf(64, false),
    name: 'alone',
    title: 'One client, streams of 64 chunks: how long the first byte takes without a queue',
    clients: 1,
    quick: ['model', 'hono-fetch', 'full', 'metadata', 'portkey'],
  },
  {
    ...base,
    name: 'long-prompt',
    title: 'Prompts of some 75,000 tokens (300 kB)',
    promptBytes: LONG_PROMPT,
    quick: ['model', 'hono-fetch', 'full', 'metadata', 'portkey'],
  },
  { ...base, name: 'prompt-1mb', title: 'Prompts of 1 MB', promptBytes: MB },
  {
    ...base,
    name: 'hostile',
    title: 'One client with prompts of 30 MB that are hard to sanitize',
    promptBytes: 30 * MB,
    clients: 1,
    hostile: true,
    only: ['model', 'hono-fetch', 'full', 'metadata', 'off'],
    quick: ['full'],
  },
  {
    ...base,
    name: 'quiet',
    title: `${QUIET_STREAMS} quiet streams at once`,
    kind: 'quiet',
    stream: true,
    clients: QUIET_STREAMS,
    quick: ['hono-fetch', 'full'],
  },
  { ...base, name: 'idle', title: 'Five minutes of nothing', kind: 'idle', clients: 0, usual: false },
];

export const sceneOf = (name: string): Scene => {
  const scene = SCENES.find((each) => each.name === name);
  if (!scene) throw new Error(`there is no scene ${name}`);
  return scene;
};

/** What looks like the beginning of a secret again and again, and is none. */
const HOSTILE =
  'password= sk-proj- AKIA a@b. eyJhbGciOi. Bearer  4111 1111 -----BEGIN xoxb- ghp_ https://u:p@ ';
const PROSE = 'It was noon, and the ships lay still in the harbour while nobody said a word. ';

const filled = (text: string, bytes: number): string =>
  text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes);

/** The last line tells the model what to say; the embedded app-server's model reads the same. */
const promptOf = ({ words, promptBytes, hostile, kind }: Scene): string => {
  const line = kind === 'quiet' ? '/quiet' : `/long ${words}`;
  return promptBytes === 0 ? line : `${filled(hostile ? HOSTILE : PROSE, promptBytes)}\n${line}`;
};

/** The body that each request of a scene has. */
export const bodyOf = (scene: Scene, model: string): string =>
  JSON.stringify({
    model,
    stream: scene.stream,
    ...(scene.stream && { stream_options: { include_usage: true } }),
    messages: [{ role: 'user', content: promptOf(scene) }],
  });
