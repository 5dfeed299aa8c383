import type { ContentItem } from '../../app-server-protocol/index.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { LanguageModel } from '../model/model.ts';
import type { RpcClient } from '../rpc/client.ts';
import { invalidRequest } from '../rpc/failure.ts';
import type { AppServerTelemetry } from '../telemetry/index.ts';
import { createSubmissions } from './submissions.ts';
import type { Thread } from './thread.ts';
import { type ActiveTurn, createTurn, type TurnRequest } from './turn.ts';
import { createTurnLifecycle } from './turn-lifecycle.ts';

export interface CoreOptions {
  readonly telemetry: AppServerTelemetry;
  readonly modelFor: (name: string) => LanguageModel;
  readonly diagnostics: Diagnostics;
  readonly maxQueue: number;
}

/** Where work is done. Handlers submit to it and return; it runs turns on its own, below the trace that was submitted. */
export interface Core {
  /** Starts a turn and returns before anything of it has happened. */
  readonly startTurn: (thread: Thread, request: TurnRequest, client: RpcClient) => ActiveTurn;
  readonly interrupt: (thread: Thread, turnId: string) => void;
  readonly steer: (thread: Thread, turnId: string, input: ContentItem[]) => void;
  /** Stops the thread's turn whether it heeds interrupts or not. */
  readonly kill: (thread: Thread) => void;
  /** Resolves when no turn is left that was running when it was called. */
  readonly settled: () => Promise<void>;
}

const MAX_STEERING = 100;

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const requireActive = (thread: Thread, turnId: string, verb: string): ActiveTurn => {
  const { active } = thread;
  if (!active) throw invalidRequest(`no active turn to ${verb}`);
  if (active.info.turnId !== turnId)
    throw invalidRequest('expected active turn id is not that of the active turn');
  return active;
};

export const createCore = ({ telemetry, modelFor, diagnostics, maxQueue }: CoreOptions): Core => {
  const running = new Set<Promise<void>>();
  const runTurn = createTurnLifecycle({ telemetry, modelFor, diagnostics });
  const submissions = createSubmissions({
    telemetry,
    maxQueue,
    start({ thread, turn }) {
      const run = runTurn(thread, turn).finally(() => running.delete(run));
      running.add(run);
    },
  });

  return {
    startTurn(thread, request, client) {
      if (thread.active) throw invalidRequest('the thread already has an active turn');
      const turn = createTurn(thread.id, request, client);
      submissions.submit(thread, turn);
      thread.active = turn;
      return turn;
    },
    interrupt(thread, turnId) {
      const turn = requireActive(thread, turnId, 'interrupt');
      if (!turn.deaf) turn.stop.abort(new Interrupted('interrupted by the client'));
    },
    steer(thread, turnId, input) {
      const { info, steering } = requireActive(thread, turnId, 'steer');
      if (info.kind !== 'regular') throw invalidRequest(`a ${info.kind} turn cannot be steered`);
      if (steering.length >= MAX_STEERING) throw invalidRequest('too much input waits for the turn');
      steering.push(input);
    },
    kill: (thread) => thread.active?.stop.abort(new Interrupted('the client has gone')),
    settled: async () => void (await Promise.allSettled(running)),
  };
};
