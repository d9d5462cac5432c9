import { join } from 'node:path';
import { runMain } from './lib/main.mjs';
import { prepare } from './lib/prepare.mjs';
import { become } from './lib/processes.mjs';
import { root } from './lib/project.mjs';

await runMain(async () => {
  await prepare();
  return become(process.execPath, [join(root, 'dist/main.js'), 'serve', ...process.argv.slice(2)]);
});
