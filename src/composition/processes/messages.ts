import type { PlaceAnswer, PlaceWish } from '../../http/admission/lease.ts';
import type { Health } from '../../http/health.ts';
import type { StartFailure } from './start-failure.ts';

/** What is shared by counting: requests that use the backend, and the memory of bodies that are being read. */
export type Counted = 'requests' | 'bodies';

/** What one process can be asked, and all of them by way of the primary. */
export type Question =
  | { readonly type: 'health' }
  /** Which backend made this response. */
  | { readonly type: 'maker'; readonly responseId: string };

/** What a process answers to `health`. */
export interface ProcessHealth {
  readonly health: Omit<Health, 'processes'>;
  readonly uptimeMs: number;
}

/** A question and its answer, in either direction. */
export type Asking =
  | { readonly type: 'question'; readonly id: number; readonly question: Question }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown };

/** From the primary to a process. */
export type ToProcess =
  | Asking
  | { readonly type: 'begin'; readonly url: string }
  /** Comes with a socket. */
  | { readonly type: 'connection' }
  /** As the signal: the first SIGTERM to stop, another one to end at once, SIGHUP to read the routes again. */
  | { readonly type: 'signal'; readonly signal: 'SIGTERM' | 'SIGHUP' }
  | { readonly type: 'places'; readonly of: Counted; readonly answer: PlaceAnswer };

/** From a process to the primary. */
export type ToPrimary =
  | Asking
  /** The oldest connection that has not been answered for yet is served. */
  | { readonly type: 'taken' }
  /** It is not: this process serves no more. */
  | { readonly type: 'passed' }
  | { readonly type: 'listening' }
  /** A backend is ready; with the fields of the start line. */
  | { readonly type: 'ready'; readonly fields: Readonly<Record<string, unknown>> }
  | ({ readonly type: 'failed' } & StartFailure)
  /** What all processes find alike, and the log tells once. */
  | { readonly type: 'warning'; readonly fields: Readonly<Record<string, unknown>>; readonly message: string }
  | { readonly type: 'places'; readonly of: Counted; readonly wish: PlaceWish };
