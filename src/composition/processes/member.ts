import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type HandedServer, serveHanded } from '../../http/accept.ts';
import type { Admission } from '../../http/admission/admission.ts';
import { createLeasedAdmission } from '../../http/admission/leased-admission.ts';
import type { Health } from '../../http/health.ts';
import { backgroundTimers } from '../../later.ts';
import { type Channel, openChannel } from './channel.ts';
import type { Counted, ProcessHealth, Question } from './messages.ts';
import { createQuestions } from './questions.ts';
import type { StartFailure } from './start-failure.ts';

/** What this process answers when another one asks. */
interface Answers {
  health(): ProcessHealth['health'];
  makerOf(responseId: string): string | null;
}

/** Where signals are heard. */
interface Signals {
  on(name: NodeJS.Signals, listener: () => void): unknown;
}

/** What comes before anybody listens is told then. */
const createSignals = () => {
  const listeners = new Map<NodeJS.Signals, () => void>();
  const early: NodeJS.Signals[] = [];
  return {
    on(name: NodeJS.Signals, listener: () => void): void {
      listeners.set(name, listener);
      for (const come of early) if (come === name) listener();
    },
    emit(name: NodeJS.Signals): void {
      const listener = listeners.get(name);
      if (listener) listener();
      else early.push(name);
    },
  };
};

/** What a gateway is given that is one process of several. */
export interface Member {
  /** Where the primary's signals are heard; its death is a SIGTERM. Those of the system are for the primary. */
  readonly signals: Signals;
  /** Serves the connections that the primary accepts. */
  listen(server: Server): HandedServer;
  /** Places that all processes share. */
  admission(of: Counted): Admission;
  /** Says that connections are taken from now on. */
  serves(answers: Answers): void;
  /** All processes together. */
  health(own: ProcessHealth['health']): Promise<Health>;
  /** Which backend made a response, as far as another process knows. */
  makerOf(responseId: string): Promise<string | null>;
  ready(fields: Readonly<Record<string, unknown>>): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  /** Says why the start has failed; the last word. */
  failed(failure: StartFailure): Promise<void>;
}

/** How long the primary, and with it the other processes, may take to answer. */
const ANSWER_MS = 1_000;

/** Listens to the primary; resolves once it has said where it listens itself. */
export const joinPrimary = async (channel: Channel = openChannel()): Promise<Member> => {
  const signals = createSignals();
  const { promise: begun, resolve: begin } = Promise.withResolvers<string>();
  let answers: Answers | null = null;
  let server: HandedServer | null = null;
  const { send } = channel;
  const admissions = {
    requests: createLeasedAdmission((wish) => send({ type: 'places', of: 'requests', wish })),
    bodies: createLeasedAdmission((wish) => send({ type: 'places', of: 'bodies', wish })),
  };

  const answer = async (question: Question): Promise<unknown> => {
    if (question.type === 'maker') return answers?.makerOf(question.responseId) ?? null;
    return answers && { health: answers.health(), uptimeMs: Math.round(process.uptime() * 1000) };
  };
  const questions = createQuestions({ send, answer, timers: backgroundTimers, waitMs: ANSWER_MS });

  const take = (socket: Socket | undefined): void => {
    // A client that has left on the way: there is nothing to serve, and nothing to hand on.
    if (!socket) return send({ type: 'taken' });
    if (server?.take(socket)) return send({ type: 'taken' });
    socket.destroy();
    send({ type: 'passed' });
  };

  channel.onMessage((message, socket) => {
    switch (message.type) {
      case 'begin':
        return begin(message.url);
      case 'connection':
        return take(socket);
      case 'signal':
        return void signals.emit(message.signal);
      case 'places':
        return admissions[message.of].receive(message.answer);
      case 'question':
      case 'answer':
        return questions.receive(message);
    }
  });
  channel.onEnd(() => {
    questions.close();
    signals.emit('SIGTERM');
  });
  const url = await begun;

  return {
    signals,
    listen(http) {
      server = serveHanded(http, url);
      return server;
    },
    admission: (of) => admissions[of],
    serves(next) {
      answers = next;
      send({ type: 'listening' });
    },
    health: async (own) => ((await questions.ask({ type: 'health' })) as Health | null) ?? own,
    makerOf: async (responseId) =>
      (await questions.ask({ type: 'maker', responseId })) as Awaited<ReturnType<Member['makerOf']>>,
    ready: (fields) => send({ type: 'ready', fields }),
    warn: (fields, message) => send({ type: 'warning', fields, message }),
    failed: (failure) => channel.sendLast({ type: 'failed', ...failure }),
  };
};
