import { RelayFailure } from '../../src/backend/http-upstream/relay/failure.ts';
import { submitCall } from '../../src/backend/submit-call.ts';
import { GatewayError } from '../../src/errors.ts';
import type { RequestCall } from '../../src/gateway/call.ts';
import type { Backend, Candidate, RelayBackend, Router, TurnBackend } from '../../src/gateway/ports.ts';
import { aRunningTurn, aTurn, createFakeExchange } from '../support/fake-exchange.ts';
import { aRelayRequest, aRunningRelay } from '../support/fake-relay.ts';
import { createFakeSpan } from '../support/fake-span.ts';
import { rejectionOf } from '../support/thrown.ts';

const unreachable = new GatewayError('backend_unreachable', 'It cannot be reached.');
const failing = (released: string[] = []): RelayBackend =>
  ({
    kind: 'relay',
    name: 'away',
    relay: () =>
      Promise.reject(
        new RelayFailure(
          aRunningRelay({
            result: { type: 'failed', error: unreachable },
            release: () => void released.push('away'),
          }),
        ),
      ),
  }) as unknown as RelayBackend;

const turns = (name: string, refusal?: GatewayError): TurnBackend =>
  ({
    kind: 'turn',
    name,
    submit: () => (refusal ? Promise.reject(refusal) : Promise.resolve(aRunningTurn())),
  }) as unknown as TurnBackend;

const submit = (...backends: Backend[]) => {
  const candidates: Candidate[] = backends.map((backend) => ({ backend, model: null }));
  const call: RequestCall = {
    type: 'request',
    request: aRelayRequest(),
    candidates,
    toTurn: async () => ({ turn: aTurn(), ignored: [], emulated: [], unknown: { names: [], count: 0 } }),
  };
  const exchange = createFakeExchange();
  const answer = submitCall({} as Router, exchange, createFakeSpan('backend_submission'), call);
  return { answer, exchange };
};

test('a backend that does not take a request is passed over, and let go of', async () => {
  const released: string[] = [];
  const { answer, exchange } = submit(failing(released), turns('codex'));
  expect(await answer).toMatchObject({ type: 'turn', backend: { name: 'codex' } });
  expect([exchange.facts.backend, released]).toEqual(['codex', ['away']]);
});

test.each([
  new GatewayError('model_not_found', 'No such model.'),
  new GatewayError('unsupported_parameter', 'Not here.'),
])('what a fallback cannot do does not hide why it was asked: %s', async (refusal) => {
  const { answer, exchange } = submit(failing(), turns('codex', refusal));
  expect(await answer).toMatchObject({
    type: 'relay',
    running: { result: { error: unreachable } },
    backend: { name: 'away' },
  });
  expect(exchange.facts.backend).toBe('away');
});

test('what the first backend refuses is the answer: no other is asked', async () => {
  const refusal = new GatewayError('model_not_found', 'No such model.');
  const { answer } = submit(turns('codex', refusal), turns('other'));
  expect(await rejectionOf(answer)).toBe(refusal);
});
