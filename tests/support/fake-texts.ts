import type { HeldRest, HeldTexts, Payload, ShownText } from '../../src/telemetry/held-texts.ts';
import type { CapturePolicy } from '../../src/telemetry/policy/index.ts';
import { createTextStream, type TextStream } from '../../src/telemetry/text-stream.ts';

/** A payload as it will be shown; `isNothing`: an event that has it is left out. */
export class Shown {
  readonly value: unknown;
  readonly isNothing: boolean;
  constructor(value: unknown, isNothing = false) {
    this.value = value;
    this.isNothing = isNothing;
  }
}

type Held = { readonly held_text: string } | { readonly held_chars: number };

const isMembers = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value with what was held back; it stands alone where there is no value. */
export const fakePayload = (value: unknown, rest: HeldRest | undefined): Payload => {
  const held = (rest ?? null) as unknown as Held | null;
  if (!held) return asPayload(new Shown(value, value === undefined));
  if (value === undefined) return asPayload(new Shown(held));
  return asPayload(new Shown(isMembers(value) ? { ...value, ...held } : { data: value, ...held }));
};

const asPayload = (shown: Shown): Payload => shown as unknown as Payload;

export const createFakeTexts = (policy: CapturePolicy): HeldTexts => {
  const texts = new Map<string, TextStream>();
  const push = (of: string, delta: string): string => {
    const text = texts.get(of) ?? createTextStream(policy);
    texts.set(of, text);
    return text.push(delta);
  };
  return {
    get size() {
      return texts.size;
    },
    has: (of) => texts.has(of),
    push: (of, delta) => push(of, delta) as unknown as ShownText,
    frame: (of, before, delta, after) =>
      asPayload(new Shown(JSON.parse(before + JSON.stringify(push(of, delta)) + after))),
    rest(isWhole) {
      const held_text = [...texts.values()].map((text) => text.flush()).join('');
      const held = isWhole ? { held_text } : { held_chars: held_text.length };
      return (held_text === '' ? null : held) as unknown as HeldRest;
    },
  };
};
