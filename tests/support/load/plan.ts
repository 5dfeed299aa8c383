import { createRandom, type Random } from '../random.ts';

/** When a client leaves, if it does. */
export const LEAVES = [
  'never',
  'within its body',
  'before the head',
  'within the answer',
  'half read',
] as const;
export type Leave = (typeof LEAVES)[number];

/** What one client does: all of it decided by the seed, so that it can be done again. */
export type Plan = {
  readonly index: number;
  readonly reqId: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly stream: boolean;
  readonly leave: Leave;
  /** How many turns of the event loop, or pieces of the answer, it stays before it leaves. */
  readonly stays: number;
  /** Between two pieces that it reads, in milliseconds. */
  readonly pauseMs: number;
};

/** How often each thing is asked for, in a thousand. */
export type Mix = { readonly [Prompt in keyof typeof PROMPTS]: number } & {
  readonly leaving: number;
  readonly slow: number;
};

const MODEL = 'throughline-echo';

const PROMPTS = {
  plain: (random: Random) => `word ${random.below(1000)}`,
  long: (random: Random) => `/long ${20 + random.below(100)}`,
  thinking: () => '/think about it\n/say done',
  command: () => '/run echo hello\nand then?',
  asked: () => '/ask echo hello\nand then?',
  messages: () => '/messages',
  clientTool: () => '/tool weather {"city":"Oslo"}\nhow is it?',
  retried: () => '/retry\n/say after all',
  failing: (random: Random) =>
    `/say a few words\n/fail ${random.pick(['serverOverloaded', 'contextWindowExceeded', 'other', 'usageLimitExceeded'])}`,
  garbage: () => '/garbage\n/say after the garbage',
  stalled: () => '/stall',
  silent: () => '/wait 60000',
  deaf: () => '/deaf\n/stall',
  crash: () => '/crash 3',
  noModel: () => 'hello',
  broken: () => 'hello',
} as const;

type Prompt = keyof typeof PROMPTS;
const NAMES = Object.keys(PROMPTS) as Prompt[];

const TOOL = {
  name: 'weather',
  description: 'tells the weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
};

const choose = (mix: Mix, random: Random): Prompt => {
  let left = random.below(NAMES.reduce((sum, name) => sum + mix[name], 0));
  for (const name of NAMES) {
    left -= mix[name];
    if (left < 0) return name;
  }
  return 'plain';
};

/** The body that each API wants for the same question. */
const bodyFor = (api: string, prompt: Prompt, content: string, stream: boolean): object => {
  const model = prompt === 'noModel' ? 'no-such-model' : MODEL;
  const withTool = prompt === 'clientTool';
  switch (api) {
    case 'responses':
      return { model, stream, input: content, ...(withTool && { tools: [{ type: 'function', ...TOOL }] }) };
    case 'completions':
      return { model, stream, prompt: content };
    default:
      return {
        model,
        stream,
        messages: [{ role: 'user', content }],
        ...(withTool && { tools: [{ type: 'function', function: TOOL }] }),
      };
  }
};

const planOne = (index: number, prefix: string, mix: Mix, random: Random): Plan => {
  const prompt = choose(mix, random);
  const api = random.pick(['chat/completions', 'chat/completions', 'responses', 'completions']);
  const stream = random.below(3) > 0;
  const body = JSON.stringify(bodyFor(api, prompt, PROMPTS[prompt](random), stream));
  const leaves = random.below(1000) < mix.leaving;
  const leave = random.pick([
    'within its body',
    'before the head',
    'within the answer',
    'half read',
  ] as const);
  return {
    index,
    reqId: `${prefix}-${index}`,
    path: `/v1/${api}`,
    headers: { 'content-type': 'application/json' },
    body: prompt === 'broken' ? body.slice(0, -1) : body,
    stream,
    leave: leaves ? leave : 'never',
    stays: random.below(12),
    pauseMs: random.below(1000) < mix.slow ? 1 + random.below(100) : 0,
  };
};

/** As many clients as asked for, the same ones for the same seed. */
export const planClients = (seed: number, count: number, mix: Mix, prefix = 'load'): Plan[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => planOne(index, prefix, mix, random));
};
