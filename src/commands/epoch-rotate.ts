import { parseConfig } from '../config.ts';
import { openPgliteStore, openPostgresStore } from '../store/store.ts';
import { createPinoLog } from '../util/pino-log.ts';
import type { CommandContext } from './context.ts';

/**
 * Begins a new history after a logical restore: all cursors of the old one end in Resync. Nodes that run on PostgreSQL
 * notice within seconds. The embedded store belongs to its server, whose lock refuses this while it runs.
 */
export const rotateEpoch = async ({ env, print, seedPath }: CommandContext): Promise<void> => {
  const { store: place, server } = parseConfig(env);
  const log = createPinoLog(server.logLevel);
  const store =
    place.databaseUrl === null
      ? await openPgliteStore({ dataDir: place.dataDir, seedPath, log })
      : await openPostgresStore({ url: place.databaseUrl, maxConnections: 1, log });
  try {
    const before = await store.log.epoch();
    print(`epoch ${before} ended, ${await store.log.rotateEpoch(before)} began`);
  } finally {
    await store.dispose();
  }
};
