import type { ErrorCode } from '../../errors.ts';
import type { Wish } from './admission.ts';

/** Requests that count alike: of one key, streams or not. */
export type PlaceKind = Pick<Wish, 'key' | 'stream'>;

/** What a process says to the one that has the places. */
export type PlaceWish =
  | { readonly type: 'ask'; readonly id: number; readonly kind: PlaceKind }
  /** Nobody waits for it any more. */
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'return'; readonly kind: PlaceKind; readonly count: number }
  /** Everything idle was given back before this. */
  | { readonly type: 'returned'; readonly round: number };

/** What the one that has the places says to a process. */
export type PlaceAnswer =
  | { readonly type: 'grant'; readonly id: number; readonly kind: PlaceKind }
  | { readonly type: 'refuse'; readonly id: number; readonly refusal: Refusal }
  /** Give back what is idle, now and from now on as soon as it is. */
  | { readonly type: 'scarce'; readonly round: number }
  /** What is idle may be kept for the next request. */
  | { readonly type: 'plenty' };

/** A `GatewayError` as plain data. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}
