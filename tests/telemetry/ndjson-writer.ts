/** A process that appends numbered lines and says on stdout how many are flushed: `<path> <name> <count> <maxFileBytes>`. */
import { createNdjsonFile } from '../../src/telemetry/mirror/ndjson-file.ts';

const [path = '', name = '', count = '0', maxFileBytes = '1e9'] = process.argv.slice(2);
const BATCH = 20;
const file = createNdjsonFile({ path, maxFileBytes: Number(maxFileBytes), maxFiles: 1000 });

for (let number = 0; number < Number(count); number++) {
  file.write(JSON.stringify({ name, number, padding: 'x'.repeat((number * 37) % 300) }));
  if (number % BATCH < BATCH - 1) continue;
  await file.flush();
  process.stdout.write(`${number + 1}\n`);
}
await file.close();
process.stdout.write(`lost ${file.stats.lost}\n`);
