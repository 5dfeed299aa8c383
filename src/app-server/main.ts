import { enableCompileCache } from 'node:module';

// Before anything else is loaded: stripping types is half of the time to the first reply. Node keeps the cache in its
// own temporary folder, and NODE_DISABLE_COMPILE_CACHE turns it off.
enableCompileCache();
const { main } = await import('./run.ts');
await main();
