import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { npm } from './processes.mjs';
import { root, Stop, say } from './project.mjs';

const maybeReadJson = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
};

/**
 * The paths of packages that package-lock.json asks for and node_modules does not hold in that version. npm keeps what it
 * installed in node_modules/.package-lock.json, whatever command installed it. Packages for other platforms are left out,
 * and without `withTools` those that only building and testing need.
 */
export const listMissing = ({ folder = root, withTools = true } = {}) => {
  const wanted = maybeReadJson(join(folder, 'package-lock.json'))?.packages;
  const installed = maybeReadJson(join(folder, 'node_modules/.package-lock.json'))?.packages;
  if (!installed) return ['node_modules'];
  return Object.entries(wanted ?? {})
    .filter(([path, { optional }]) => path.includes('node_modules/') && !optional)
    .filter(([, { dev, devOptional }]) => withTools || !(dev || devOptional))
    .filter(([path, { link, version }]) => {
      if (link) return !existsSync(join(folder, path));
      return installed[path]?.version !== version || !existsSync(join(folder, path, 'package.json'));
    })
    .map(([path]) => path);
};

/**
 * Installs exactly what the lockfile says, unless it is there.
 *
 * @param {{ withTools?: boolean }} options
 */
export const ensureInstalled = async (options = {}) => {
  if (listMissing(options).length === 0) return;
  await withLock('install', async () => {
    if (listMissing(options).length === 0) return;
    const command = existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install';
    say(`Installing packages (npm ${command}) …`);
    // Tools are needed whatever NODE_ENV says, and reasons whatever log level npm passed down.
    const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code, output } = await npm([command, ...flags]);
    if (code !== 0) throw new Stop(`${output}\nnpm ${command} failed with exit code ${code}.`);
  });
};
