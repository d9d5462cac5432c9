import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runMain } from './lib/main.mjs';
import { become } from './lib/processes.mjs';
import { root } from './lib/project.mjs';

/** The fault test; its nodes run from their sources, its learners from the built client. */
await runMain(async () => {
  await ensureInstalled();
  await ensureBuilt(['client']);
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
  return become(process.execPath, [tsx, 'test/chaos/run.ts', ...process.argv.slice(2)]);
});
