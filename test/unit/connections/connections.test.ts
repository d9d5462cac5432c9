import { test } from '@jest/globals';
import { createConnections } from '../../../src/connections/connections.ts';
import { createMemoryPresence } from '../../../src/connections/presence-memory.ts';
import { createMemoryPubSub } from '../../../src/pubsub/memory.ts';
import type { Store } from '../../../src/store/port.ts';
import { silentLog } from '../../../src/util/log.ts';
import { eventually } from '../../support/eventually.ts';

test('[A9] a block that was not heard is found in the store, also of who has no connection', async () => {
  const store = {
    nodes: { recentCuts: async () => ({ disconnects: [], blockedUserIds: ['ada'] }) },
  } as unknown as Store;
  const pubsub = createMemoryPubSub();
  const presence = createMemoryPresence();
  const changed: string[] = [];
  const connections = await createConnections({
    nodeId: 'here',
    version: 'test',
    store,
    pubsub,
    presence,
    log: silentLog,
    now: () => new Date(),
    answersInProgress: () => 0,
    isDraining: () => false,
    onUserChanged: (userId) => changed.push(userId),
  });
  await eventually(() => changed.includes('ada'));
  await connections.dispose();
  await presence.dispose();
  await pubsub.dispose();
});
