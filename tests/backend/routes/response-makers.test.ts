import { createResponseMakers } from '../../../src/backend/routes/response-makers.ts';

test('the maker of a response is known by its id', () => {
  const makers = createResponseMakers();
  makers.remember('resp_1', 'next');
  expect([makers.of('resp_1'), makers.of('resp_2')]).toEqual(['next', null]);
});

test('the ids that were used last are kept, ten thousand of them', () => {
  const makers = createResponseMakers();
  for (let at = 0; at < 10_000; at++) makers.remember(`resp_${at}`, 'next');
  makers.of('resp_0');
  makers.remember('resp_new', 'other');
  expect(['resp_0', 'resp_1', 'resp_2', 'resp_new'].map(makers.of)).toEqual(['next', null, 'next', 'other']);
});

test('an id that is none is not kept', () => {
  const makers = createResponseMakers();
  for (const id of ['', 'a'.repeat(257)]) {
    makers.remember(id, 'next');
    expect(makers.of(id)).toBeNull();
  }
});
