import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { stopRunning } from './processes.mjs';
import { root, Stop, say } from './project.mjs';

const assertNodeVersion = () => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const toNumbers = (version) => version.match(/\d+/g).map(Number);
  const [major, minor] = toNumbers(process.versions.node);
  const [leastMajor, leastMinor = 0] = toNumbers(engines.node);
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    throw new Stop(
      `EdAgent needs Node.js ${leastMajor}.${leastMinor} or newer; this is ${process.versions.node}.`,
    );
  }
};

/**
 * Runs a script, with its exit code. A signal that nobody else hears ends what runs beneath first, otherwise an
 * interrupted install would go on behind the next one.
 *
 * @param {() => Promise<number | undefined>} main resolves with the exit code.
 */
export const runMain = async (main) => {
  let interruption;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (process.listenerCount(signal) > 1) return;
      interruption = 128 + constants.signals[signal];
      if (stopRunning() === 0) process.exit(interruption);
    });
  }
  try {
    assertNodeVersion();
    process.exitCode = await main();
  } catch (error) {
    if (interruption === undefined) say(error instanceof Stop ? error.message : error.stack);
    process.exitCode = error instanceof Stop ? error.exitCode : 1;
  }
  process.exitCode = interruption ?? process.exitCode;
};
