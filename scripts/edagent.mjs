import { runMain } from './lib/main.mjs';
import { programArgs } from './lib/node-flags.mjs';
import { prepare } from './lib/prepare.mjs';
import { become } from './lib/processes.mjs';

await runMain(async () => {
  await prepare();
  return become(process.execPath, [...programArgs, ...process.argv.slice(2)]);
});
