import { openCompileCache } from '../../bin/compile-cache.mjs';

// Before anything else is loaded: stripping types is half of the time to the first reply.
const problem = openCompileCache();
if (problem) {
  process.stderr.write(`${problem}\n`);
  process.exit(2);
}
const { main } = await import('./run.ts');
await main();
