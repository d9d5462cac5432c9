import { ensureBuilt } from './lib/build.mjs';
import { runMain } from './lib/main.mjs';

await runMain(() => ensureBuilt());
