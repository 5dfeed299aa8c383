import { InvalidArgumentError } from 'commander';
import { KINDS, PHASES, type Phase } from '../telemetry/phases.ts';
import type { Entry } from '../timeline/timeline.ts';

/** The kinds of entry: those of the mirror's events, and the gateway's access line. */
const ENTRY_KINDS = [...(Object.keys(KINDS) as (keyof typeof KINDS)[]), 'access'] as const;
type EntryKind = (typeof ENTRY_KINDS)[number];

/** The options of a request that has been found. */
export type RequestTraceOptions = TraceOptions & { readonly reqId: string };

/** What the command was asked for. */
export interface TraceOptions {
  /** Undefined: the newest request. */
  readonly reqId?: string;
  readonly last?: true;
  /** Those of several gateways, where the request went through several. */
  readonly protoLog: readonly string[];
  readonly usageLog: readonly string[];
  readonly accessLog?: readonly string[];
  readonly phase?: readonly Phase[];
  readonly kind?: readonly EntryKind[];
  readonly payload?: boolean;
  readonly json?: boolean;
  readonly follow?: boolean;
  readonly color: boolean;
}

const REQ_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** Refuses what no response can have had as its `x-request-id`. */
export const parseReqId = (value: string): string => {
  if (REQ_ID.test(value)) return value;
  throw new InvalidArgumentError('A request id is 1 to 128 of A-Z a-z 0-9 . _ : -');
};

/** Collects the files of a repeated option. The first one replaces the default. */
export const collectFiles =
  (defaults?: readonly string[]) =>
  (file: string, before: readonly string[] | undefined): readonly string[] =>
    before === undefined || before === defaults ? [file] : [...before, file];

/** Takes a word, or several with commas between them, each of which must be one of `allowed`. */
const parseWords =
  <Word extends string>(allowed: readonly Word[]) =>
  (value: string, before: readonly Word[] = []): readonly Word[] => {
    const words = value.split(',').map((word) => {
      const known = allowed.find((one) => one === word.trim());
      if (known) return known;
      throw new InvalidArgumentError(`Allowed: ${allowed.join(', ')}.`);
    });
    return [...before, ...words];
  };

export const parsePhases = parseWords(PHASES);
export const parseKinds = parseWords(ENTRY_KINDS);

/** Whether an entry is among those asked for. */
export const isWanted =
  ({ phase, kind }: TraceOptions) =>
  (entry: Entry): boolean =>
    (!phase || (entry.phase !== null && phase.includes(entry.phase))) &&
    (!kind || (entry.kind !== null && kind.includes(entry.kind)));
