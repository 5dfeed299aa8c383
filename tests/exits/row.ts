import type { Outcome } from '../../src/telemetry/phases.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import type { Bytes } from './requests.ts';
import type { TurnEnd } from './turn.ts';
import { openWire, parseResponse, type Response, type Wire } from './wire.ts';

/** What came after the head, in one word of a closed list. */
export type Answer =
  | 'JSON'
  | 'error'
  | 'no body'
  | 'nothing'
  | 'part of the JSON'
  | 'text'
  | 'stream, [DONE]'
  | 'stream, response.completed'
  | 'stream, response.incomplete'
  | 'stream, error event'
  | 'stream, response.failed'
  | 'stream, ended'
  | 'stream, cut';

/** What became of a phase: `+` it ran, `!` it ran and its span's status is Error, `-` it was not reached, `~` it was begun and never ended. */
export type PhaseMarks = string;

/** One row of the table: how one request ended, everywhere where it is told. */
export interface Exit {
  /** What the client got; null where no head came. */
  readonly status: number | null;
  readonly answer: Answer;
  /** The same word in SERVER span, phases, mirror, usage record and access line; null where nobody could write it any more. */
  readonly outcome: Outcome | null;
  /** The same code in body or event, spans, mirror, usage record and access line. */
  readonly code: string | null;
  /** One mark for each of the five, in their order. */
  readonly phases: PhaseMarks;
  /** The SERVER span's status; null where it never ended. */
  readonly server: 'Unset' | 'Error' | null;
  /** Of the usage record and the access line; null where there are none. */
  readonly recorded: number | null;
  readonly usage: 'provider' | 'partial' | 'missing' | null;
  /** Why the model stopped, of an answer that is whole. */
  readonly finish: string | null;
}

/** The running gateway of a row's profile, and the row's own request id. */
export interface Stage {
  readonly gateway: GatewayProcess;
  readonly reqId: string;
}

export interface Row {
  /** Continues "the request ends …"; unique, since the request id is made of it. */
  readonly name: string;
  /** Makes the request and gives what its client saw of the answer. */
  readonly run: (stage: Stage) => Promise<Response>;
  readonly expected: Exit;
  /** Finds the id that the gateway has made up, where no answer tells it. */
  readonly findReqId?: (gateway: GatewayProcess) => Promise<string>;
  /** A backend's process may end in it: it runs when no other row of its gateway does. */
  readonly alone?: boolean;
  /** What may become of its turn, where the backend does not always do the same. */
  readonly turns?: readonly TurnEnd[];
}

type Env = Readonly<Record<string, string>>;

/** A gateway with its settings, and the rows that it serves. */
export interface Profile {
  readonly name: string;
  /** The gateway's environment; also whatever has to run beside it. */
  readonly open: () => Promise<Env> | Env;
  readonly rows: readonly Row[];
  /** The gateway is ended by its rows. */
  readonly ends?: boolean;
  /** What became of a request on a backend that is a server: the mirror has no turn of it. */
  readonly turnEnd?: (reqId: string) => Promise<TurnEnd>;
  /** Ends what runs beside the gateway, after it. */
  readonly close?: () => Promise<unknown>;
}

/** The heading of a part of the table, and the profiles whose rows stand under it. */
export interface Part {
  readonly title: string;
  readonly profiles: readonly Profile[];
}

const response = async (wire: Wire): Promise<Response> => {
  await wire.closed;
  return parseResponse(wire.got, wire.method);
};

/** A client that sends its request and reads to the end. */
export const reads =
  (bytes: Bytes) =>
  ({ gateway, reqId }: Stage): Promise<Response> =>
    response(openWire(gateway.url, bytes(reqId)));

/** The same, while something happens. */
export const readsWhile =
  (bytes: Bytes, happens: (stage: Stage, wire: Wire) => Promise<unknown>) =>
  async (stage: Stage): Promise<Response> => {
    const wire = openWire(stage.gateway.url, bytes(stage.reqId));
    await happens(stage, wire);
    return response(wire);
  };

/** A client that leaves once `happened` resolves. */
export const leavesAfter =
  (bytes: Bytes, happened: (stage: Stage, wire: Wire) => Promise<unknown>) =>
  async (stage: Stage): Promise<Response> => {
    const wire = openWire(stage.gateway.url, bytes(stage.reqId));
    await happened(stage, wire);
    wire.leave();
    const got = await response(wire);
    // What the row made busy stays so until the gateway has noticed.
    await stage.gateway.accessLine(stage.reqId);
    return got;
  };

export const ALL: PhaseMarks = '+++++';
export const BACKEND_FAILED: PhaseMarks = '++!!+';

/** Rows that share most of what is expected. */
export const completed = (answer: Answer, more: Partial<Exit> = {}): Exit => ({
  status: 200,
  answer,
  outcome: 'completed',
  code: null,
  phases: ALL,
  server: 'Unset',
  recorded: 200,
  usage: 'provider',
  finish: 'stop',
  ...more,
});

/** Refused with a status and the error's envelope. `phases` says how far it got. */
export const refused = (
  status: number,
  code: string,
  outcome: Outcome,
  phases: PhaseMarks = '+--++',
  more: Partial<Exit> = {},
): Exit => ({
  status,
  answer: 'error',
  outcome,
  code,
  phases,
  server: status >= 500 ? 'Error' : 'Unset',
  recorded: status,
  usage: 'missing',
  finish: null,
  ...more,
});

/** A stream that had begun, and ends with an event that says why. */
export const failedLate = (code: string, outcome: Outcome, more: Partial<Exit> = {}): Exit => ({
  status: 200,
  answer: 'stream, error event',
  outcome,
  code,
  phases: BACKEND_FAILED,
  server: 'Error',
  recorded: 200,
  usage: 'missing',
  finish: null,
  ...more,
});

/** A client that was not there any more. */
export const left = (more: Partial<Exit>): Exit => ({
  status: null,
  answer: 'nothing',
  outcome: 'client_disconnect',
  code: 'client_disconnected',
  phases: '+---+',
  server: 'Unset',
  recorded: 499,
  usage: 'missing',
  finish: null,
  ...more,
});
