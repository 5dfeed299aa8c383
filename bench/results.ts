import type { Times } from './load/messages.ts';
import type { Machine } from './machine/describe.ts';
import type { Cpu } from './machine/proc-stat.ts';
import type { MirrorCount } from './mirror/lost.ts';
import type { Delay } from './probe-messages.ts';

/** One round of one row in one scene. Times are in milliseconds. */
export interface Round {
  readonly requestsPerSecond: number;
  readonly latency: Times;
  readonly firstByte: Times;
  /** Processor time for one request. */
  readonly cpu: Cpu;
  readonly delay: Delay | null;
}

/** All rounds of one row in one scene. */
export interface Cell {
  readonly row: string;
  readonly scene: string;
  readonly rounds: readonly Round[];
  readonly requests: number;
  readonly wrongCount: number;
  readonly wrong: readonly string[];
}

/** What is known of a row beside its scenes. Memory is in bytes. */
export interface RowFacts {
  readonly row: string;
  readonly readyMs: number;
  readonly rssReady: number;
  readonly rssEnd: number;
  /** From an event to its line in the file, with both cores at work. */
  readonly lag: (Times & { readonly max: number }) | null;
  readonly mirror: MirrorCount | null;
}

export interface QuietFact {
  readonly row: string;
  readonly streams: number;
  readonly bytesPerStream: number;
  readonly wrongCount: number;
}

export interface IdleFact {
  readonly row: string;
  readonly seconds: number;
  readonly cpuMs: number;
  readonly rssBegin: number;
  readonly rssEnd: number;
}

export interface Results {
  readonly machine: Machine;
  readonly rounds: number;
  readonly roundMs: number;
  readonly cells: readonly Cell[];
  readonly rows: readonly RowFacts[];
  readonly quiet: readonly QuietFact[];
  readonly idle: readonly IdleFact[];
  readonly exported: { readonly exports: number; readonly spans: number };
  /** What was left out and why, in words. */
  readonly notes: readonly string[];
}
