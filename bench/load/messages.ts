/** How an answer is checked: `bytes`, it must be the model's own to the last one; `text`, what it says must be. */
export type Check = 'bytes' | 'text';

export interface Target {
  /** Of the row, without a path. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
  readonly check: Check;
  readonly scene: string;
}

export type LoadQuestion =
  | ({ readonly type: 'run'; readonly ms: number } & Target)
  /** Opens streams that stay open until `release`. */
  | ({ readonly type: 'open'; readonly count: number } & Target)
  | { readonly type: 'release'; readonly model: string };

/** Two percentiles of times in milliseconds. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly latency: Times;
  readonly firstByte: Times;
  /** The first few answers that were not as they must be, in words. */
  readonly wrong: readonly string[];
  readonly wrongCount: number;
}

export type LoadAnswer =
  | { readonly type: 'result'; readonly result: LoadResult }
  | { readonly type: 'opened'; readonly count: number }
  | { readonly type: 'failed'; readonly why: string };
