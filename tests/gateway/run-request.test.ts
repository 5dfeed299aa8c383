import { GatewayError } from '../../src/errors.ts';
import type { Call } from '../../src/gateway/call.ts';
import type { Answer, Phases, Settlement } from '../../src/gateway/ports.ts';
import { runRequest } from '../../src/gateway/run-request.ts';
import {
  aRunningTurn,
  aTurn,
  BACKEND,
  createFakeExchange,
  done,
  saying,
  text,
} from '../support/fake-exchange.ts';
import { aRelayRequest, aRunningRelay } from '../support/fake-relay.ts';
import { flowOf } from '../support/relay-answers.ts';
import { each } from '../support/turn-events.ts';

const settled = (more: Partial<Settlement> = {}): Settlement => ({
  outcome: 'completed',
  status: 200,
  error: null,
  usage: null,
  usageComplete: false,
  firstTokenNs: null,
  finishReason: null,
  ...more,
});

const call: Call = {
  type: 'request',
  request: aRelayRequest(),
  candidates: null,
  toTurn: () => Promise.reject(new Error('this request is no turn')),
};
const turnAnswer: Extract<Answer, { type: 'turn' }> = {
  type: 'turn',
  turn: aTurn(),
  running: aRunningTurn(),
  backend: BACKEND,
};

const relayAnswer: Extract<Answer, { type: 'relay' }> = {
  type: 'relay',
  request: aRelayRequest(),
  running: aRunningRelay(),
  backend: { ...BACKEND, forwardsKey: false },
};

const relayed = () => flowOf({ type: 'bytes', bytes: Buffer.from('hi') });

/** Phases that write down that they were met; `more` replaces some. */
const phases = (more: Partial<Phases> = {}) => {
  const met: string[] = [];
  const summaries: Settlement[] = [];
  const owners: Phases = {
    httpIngress: async () => call,
    backendSubmission: async () => turnAnswer,
    backendIo: { turn: () => saying(text('hi'), done), relay: relayed },
    clientEgress: {
      async turn(_exchange, _answer, events) {
        for await (const event of each(events)) met.push(event.type);
        return settled();
      },
      async relay(_exchange, _answer, flow) {
        await flow(({ type }) => {
          met.push(type);
          return null;
        });
        return settled();
      },
      models: async () => settled(),
      methods: async () => settled({ status: 204 }),
      refuse: async (_exchange, error) => settled({ status: error.status, outcome: error.outcome, error }),
    },
    usageSummary: (_exchange, settlement) => void summaries.push(settlement),
    ...more,
  };
  const seen =
    <Args extends unknown[], Result>(name: string, run: (...args: Args) => Result) =>
    (...args: Args): Result => {
      met.push(name);
      return run(...args);
    };
  const observed: Phases = {
    httpIngress: seen('ingress', owners.httpIngress),
    backendSubmission: seen('submission', owners.backendSubmission),
    backendIo: { turn: seen('io', owners.backendIo.turn), relay: seen('io', owners.backendIo.relay) },
    clientEgress: {
      turn: seen('egress', owners.clientEgress.turn),
      relay: seen('egress', owners.clientEgress.relay),
      models: seen('egress', owners.clientEgress.models),
      methods: seen('egress', owners.clientEgress.methods),
      refuse: seen('refusal', owners.clientEgress.refuse),
    },
    usageSummary: seen('usage', owners.usageSummary),
  };
  return { phases: observed, met, summaries };
};

test('a turn meets the five phases in their order, and the last one once', async () => {
  const { phases: five, met, summaries } = phases();
  const settlement = await runRequest(createFakeExchange(), five);
  expect(met).toEqual(['ingress', 'submission', 'io', 'egress', 'text', 'done', 'usage']);
  expect(settlement).toMatchObject({ outcome: 'completed' });
  expect(summaries).toEqual([settlement]);
});

test('what is sent on as it came meets the same phases, and is let go at the end', async () => {
  let released = 0;
  const running = aRunningRelay({ release: () => void released++ });
  const { phases: five, met } = phases({ backendSubmission: async () => ({ ...relayAnswer, running }) });
  await runRequest(createFakeExchange(), five);
  expect(met).toEqual(['ingress', 'submission', 'io', 'egress', 'bytes', 'usage']);
  expect(released).toBe(1);
});

test('a turn is let go whatever becomes of its answer, also when nobody has listened to it', async () => {
  let released = 0;
  const running = aRunningTurn({ release: () => void released++ });
  const answer: Answer = { ...turnAnswer, running };
  const egress = phases().phases.clientEgress;
  const failing = () => {
    throw new Error('bug');
  };
  for (const turn of [egress.turn, failing]) {
    const { phases: five } = phases({
      backendSubmission: async () => answer,
      clientEgress: { ...egress, turn },
    });
    await runRequest(createFakeExchange(), five);
  }
  expect(released).toBe(2);
});

test('what a route takes is said without a backend', async () => {
  const { phases: five, met } = phases({
    httpIngress: async () => ({ type: 'methods', methods: ['GET'] }),
  });
  expect(await runRequest(createFakeExchange(), five)).toMatchObject({ status: 204 });
  expect(met).toEqual(['ingress', 'egress', 'usage']);
});

test('the list of models is no turn: nothing is streamed from the backend', async () => {
  const { phases: five, met } = phases({
    httpIngress: async () => ({ type: 'models' }),
    backendSubmission: async () => ({ type: 'models', models: [] }),
  });
  await runRequest(createFakeExchange(), five);
  expect(met).toEqual(['ingress', 'submission', 'egress', 'usage']);
});

test('what the ingress refuses never reaches the backend, and is answered and summed up', async () => {
  const error = new GatewayError('invalid_json', 'No JSON.');
  const { phases: five, met, summaries } = phases({ httpIngress: () => Promise.reject(error) });
  const settlement = await runRequest(createFakeExchange(), five);
  expect(met).toEqual(['ingress', 'refusal', 'usage']);
  expect(settlement).toMatchObject({ status: 400, outcome: 'invalid_request', error });
  expect(summaries).toEqual([settlement]);
});

test('what the backend refuses is answered with its own error', async () => {
  const error = new GatewayError('model_not_found', 'No such model.');
  const { phases: five, met } = phases({ backendSubmission: () => Promise.reject(error) });
  expect(await runRequest(createFakeExchange(), five)).toMatchObject({ status: 404, error });
  expect(met).toEqual(['ingress', 'submission', 'refusal', 'usage']);
});

test.each([
  ['the ingress', { httpIngress: () => Promise.reject(new Error('bug')) }],
  ['the submission', { backendSubmission: () => Promise.reject(new TypeError('bug')) }],
  [
    'the backend’s events',
    {
      backendIo: { turn: () => saying(text('hi'), new Error('bug')), relay: relayed },
    },
  ],
  [
    'opening the backend’s events',
    {
      backendIo: {
        turn: () => {
          throw new Error('bug');
        },
        relay: relayed,
      },
    },
  ],
] satisfies [string, Partial<Phases>][])(
  'a bug in %s is a failure of the gateway, and never rejects',
  async (_, more) => {
    const { phases: five, summaries } = phases(more);
    const settlement = await runRequest(createFakeExchange(), five);
    expect(settlement).toMatchObject({
      status: 500,
      outcome: 'gateway_error',
      error: { code: 'internal_error' },
    });
    expect(settlement.error?.message).not.toContain('bug');
    expect(settlement.error?.cause).toMatchObject({ message: 'bug' });
    expect(summaries).toHaveLength(1);
  },
);
