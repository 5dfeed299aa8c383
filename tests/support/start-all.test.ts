import { startGateway } from './gateway.ts';
import { createOtlpReceiver } from './otlp-receiver.ts';
import { startAll } from './start-all.ts';
import { untilGone } from './until-gone.ts';

test('what is started together is there in its order', async () => {
  const [first, second] = await startAll(createOtlpReceiver(), createOtlpReceiver());
  expect(first.url).not.toBe(second.url);
  await Promise.all([first.close(), second.close()]);
});

test('when one cannot be started, the others are ended, whichever comes first', async () => {
  const gateway = startGateway();
  const refused = startGateway({ PORT: 'none' });
  await expect(startAll(refused, gateway)).rejects.toThrow('PORT');
  expect(await untilGone((await gateway).pid)).toBe(true);
});
