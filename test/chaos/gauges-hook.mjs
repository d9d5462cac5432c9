import { renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Loaded into a node of the fault test before its program: at SIGUSR2 it writes what the process holds to a file. */

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('SIGUSR2', () => {
  collect();
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const file = process.env.CHAOS_GAUGES_FILE;
  // Whole or not at all, for whoever waits for it.
  writeFileSync(`${file}.new`, JSON.stringify({ timers, heapBytes: process.memoryUsage().heapUsed }));
  renameSync(`${file}.new`, file);
});
