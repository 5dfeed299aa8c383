import type { Captured } from '../capture.ts';
import { type Fact, FORM, KEPT_PAYLOADS } from '../facts/ops.ts';
import type { Kind } from '../phases.ts';
import type { CapturePolicy } from '../policy/index.ts';
import { type CleanAround, cheapFrame, describedFrame } from './frames.ts';
import { frameSource, type HandedSource, sourceOf } from './sources.ts';
import { Texts } from './texts.ts';

interface Kept {
  readonly number: number;
  /** Null: an event that shows it is left out. */
  readonly source: HandedSource | null;
}

/** What is kept of one request until nothing of it can come any more. */
interface Scope {
  payloads: number;
  /** The last ones, by number. */
  readonly kept: (Kept | undefined)[];
  readonly texts: number[];
}

/** The texts of running answers, and the payloads that more than one event may show. */
export class Payloads {
  readonly #policy: CapturePolicy;
  readonly #marker: string;
  readonly #scopes = new Map<number, Scope>();
  readonly #texts = new Map<number, Texts>();
  #secrets = 0;

  constructor(policy: CapturePolicy, marker: string) {
    this.#policy = policy;
    this.#marker = marker;
  }

  readonly #pieceOf = (texts: number, piece: number): string =>
    this.#texts.get(texts)?.piece(piece) ?? '[not kept]';

  #scope(ref: number): Scope {
    const scope = this.#scopes.get(ref) ?? { payloads: 0, kept: [], texts: [] };
    this.#scopes.set(ref, scope);
    return scope;
  }

  #keep(ref: number, source: HandedSource | null): void {
    const scope = this.#scope(ref);
    const number = scope.payloads++;
    scope.kept[number % KEPT_PAYLOADS] = { number, source };
  }

  /** A secret became known: what was clean before it may not be any more. */
  newSecret(): void {
    this.#secrets++;
  }

  openTexts(ref: number, scope: number, hasGap: boolean): void {
    this.#texts.set(ref, new Texts(this.#policy, scope, hasGap));
    this.#scope(scope).texts.push(ref);
  }

  delta(ref: number, number: number, delta: string, more: number): void {
    const texts = this.#texts.get(ref);
    texts?.keep(texts.push(number, delta, more));
  }

  frame(
    scope: number,
    ref: number,
    number: number,
    before: string | null,
    delta: string,
    after: string | null,
    more: number,
  ): void {
    const texts = this.#texts.get(ref);
    if (!texts) return this.#keep(scope, null);
    const piece = texts.push(number, delta, more);
    const [head, tail] = texts.around(before, after);
    const around = texts.cleanAround(this.#secrets);
    const cheap = around && cheapFrame(around, piece, this.#policy.sanitizer);
    this.#keep(
      scope,
      frameSource(
        this.#policy,
        this.#cheaply(texts, around, cheap),
        () => head + JSON.stringify(piece) + tail,
      ),
    );
  }

  /** What events show of a frame without looking at the whole of it; null where that cannot be. */
  #cheaply(
    texts: Texts,
    around: CleanAround | null,
    cheap: Captured | null,
  ): ((kind: Kind) => Captured | null) | null {
    if (!around || !cheap) return null;
    if (this.#policy.full) return () => cheap;
    return (kind) => {
      const described = texts.describeAround(around, kind);
      return described && describedFrame(described, cheap.text);
    };
  }

  rest(ref: number, isWhole: boolean): void {
    this.#texts.get(ref)?.tellRest(isWhole);
  }

  payload(scope: number, form: number, a: Fact, b: Fact, texts: number): void {
    const held = this.#texts.get(texts)?.rest ?? null;
    this.#keep(scope, sourceOf(this.#policy, { form, a, b, held }, this.#marker, this.#pieceOf));
  }

  forget(ref: number): void {
    for (const texts of this.#scopes.get(ref)?.texts ?? []) this.#texts.delete(texts);
    this.#scopes.delete(ref);
  }

  /** The payload of an event; undefined: it has none; null: the event is left out. */
  of(scope: number, form: number, a: Fact, b: Fact): HandedSource | null | undefined {
    if (form === FORM.none) return undefined;
    if (form !== FORM.ref)
      return sourceOf(this.#policy, { form, a, b, held: null }, this.#marker, this.#pieceOf);
    const number = a as number;
    const kept = this.#scopes.get(scope)?.kept;
    const found = kept?.[number % KEPT_PAYLOADS];
    if (!kept || found?.number !== number) return undefined;
    if (b === true) kept[number % KEPT_PAYLOADS] = undefined;
    return found.source;
  }
}
