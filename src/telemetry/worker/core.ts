import { type EndedFacts, type Fact, LENGTHS, OP } from '../facts/ops.ts';
import { Payloads } from './payloads.ts';
import { SpanFacts, type TelemetryCoreOptions } from './spans.ts';

/**
 * What the telemetry thread does with facts, in the order in which they come: capture policy, sanitizer, lines of the mirror, the events of
 * open spans, spans that have ended. It knows of no thread.
 */
export class TelemetryCore {
  readonly #options: TelemetryCoreOptions;
  readonly #payloads: Payloads;
  readonly #spans: SpanFacts;

  constructor(options: TelemetryCoreOptions) {
    this.#options = options;
    this.#payloads = new Payloads(options.policy, options.marker);
    this.#spans = new SpanFacts(options, this.#payloads);
  }

  /** Works on a batch of facts. */
  take(facts: readonly Fact[]): void {
    let at = 0;
    const { tally } = this.#options;
    while (at < facts.length) {
      this.#one(facts, at);
      tally.endFact();
      at += LENGTHS[facts[at] as number] as number;
    }
  }

  /** Works on the fact that begins here. */
  #one(f: readonly Fact[], at: number): void {
    const payloads = this.#payloads;
    switch (f[at]) {
      case OP.event:
        this.#spans.event(f, at);
        return;
      case OP.frame:
        payloads.frame(
          ...(f.slice(at + 1, at + 8) as [
            number,
            number,
            number,
            string | null,
            string,
            string | null,
            number,
          ]),
        );
        return;
      case OP.delta:
        payloads.delta(...(f.slice(at + 1, at + 5) as [number, number, string, number]));
        return;
      case OP.payload:
        payloads.payload(f[at + 1] as number, f[at + 2] as number, f[at + 3], f[at + 4], f[at + 5] as number);
        return;
      case OP.span:
        this.#spans.open(f, at);
        return;
      case OP.end:
        this.#spans.end(f[at + 1] as number, f[at + 2] as EndedFacts | null);
        return;
      case OP.foreign:
        this.#spans.foreign(f, at);
        return;
      case OP.nobody:
        this.#spans.nobody(f, at);
        return;
      default:
        return this.#rare(f, at);
    }
  }

  #rare(f: readonly Fact[], at: number): void {
    const payloads = this.#payloads;
    const { sanitizer } = this.#options.policy;
    switch (f[at]) {
      case OP.texts:
        payloads.openTexts(f[at + 1] as number, f[at + 2] as number, f[at + 3] as boolean);
        return;
      case OP.rest:
        payloads.rest(f[at + 1] as number, f[at + 2] as boolean);
        return;
      case OP.forget:
        payloads.forget(f[at + 1] as number);
        return;
      case OP.keepSecret:
        sanitizer.keepSecrets([f[at + 1] as string]);
        payloads.newSecret();
        return;
      case OP.passSecret:
        sanitizer.passSecret(f[at + 1] as string);
        payloads.newSecret();
        return;
      case OP.lost:
        this.#lost(f[at + 1] as boolean, f[at + 2] as number);
        return;
      default:
        throw new Error(`no fact begins with ${String(f[at])}`);
    }
  }

  #lost(isApart: boolean, lines: number): void {
    const share = isApart ? this.#options.mirror?.refused : this.#options.mirror?.main;
    share?.skip(lines);
    this.#options.tally.missed(isApart ? 1 : 0, lines);
    share?.append(share.traceError(`${lines} mirror lines were lost`, { lost: lines }));
  }
}
