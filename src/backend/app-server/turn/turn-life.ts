/** The turn as the app-server sees it, which may live on after its request has ended. */
export interface TurnLife {
  /** Learns the turn's id, from the answer to `turn/start` or from a notification of the turn, whichever comes first. */
  started(turnId: string): void;
  /** Takes a notification of the turn's thread, with the turn that it names, if it does. False when it is about another turn. */
  observe(method: string, params: unknown, turnId: string | undefined): boolean;
  /** Resolves with the turn's id. */
  readonly turnStarted: Promise<string>;
  /** True once the app-server has said that the turn is over. */
  readonly completed: boolean;
  /** True once it has said that the turn was interrupted. */
  readonly interrupted: boolean;
  /** Resolves when the app-server says that the turn is over, which an interrupted one is a little later. */
  readonly turnCompleted: Promise<void>;
}

/** Injected items are told once more when the turn begins, under the id of no turn (`auto-compact-0`). */
const isRaw = (method: string): boolean => method.startsWith('rawResponse');

export const createTurnLife = (): TurnLife => {
  const turnStarted = Promise.withResolvers<string>();
  const turnCompleted = Promise.withResolvers<void>();
  let ownId: string | undefined;
  let completed = false;
  let interrupted = false;

  const started = (turnId: string): void => {
    if (ownId !== undefined) return;
    ownId = turnId;
    turnStarted.resolve(ownId);
  };

  return {
    started,
    observe(method, params, turnId) {
      if (turnId !== undefined && !isRaw(method)) started(turnId);
      if (turnId !== undefined && turnId !== ownId) return false;
      if (method === 'turn/completed') {
        completed = true;
        interrupted = (params as { turn?: { status?: unknown } }).turn?.status === 'interrupted';
        turnCompleted.resolve();
      }
      return true;
    },
    turnStarted: turnStarted.promise,
    get completed() {
      return completed;
    },
    get interrupted() {
      return interrupted;
    },
    turnCompleted: turnCompleted.promise,
  };
};
