import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runMain } from './lib/main.mjs';
import { become } from './lib/processes.mjs';
import { root, Stop, say } from './lib/project.mjs';

/** The one of the front end's own packages. */
const loadVite = async () => {
  const path = createRequire(join(root, 'web/package.json')).resolve('vite');
  return import(pathToFileURL(path).href);
};

const startVite = async () => {
  const { createServer } = await loadVite();
  const vite = await createServer({ configFile: join(root, 'web/vite.config.ts'), clearScreen: false });
  return vite.listen();
};

/** The server from its sources, started again at every change, and the page with hot reload in front of it. */
await runMain(async () => {
  if (process.env.PORT === '0') throw new Stop('PORT is 0: the page has to know where the server is.', 2);
  await ensureInstalled();
  await ensureBuilt(['client']);
  const vite = await startVite();
  try {
    say(`Chat      ${vite.resolvedUrls.local[0]}   (with hot reload)`);
    const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
    return await become(process.execPath, [tsx, 'watch', 'src/main.ts', 'serve', ...process.argv.slice(2)]);
  } finally {
    await vite.close();
  }
});
