import { afterAll, beforeAll, describe } from '@jest/globals';
import type { TestDatabase } from '../support/stores.ts';
import { answersContract } from './store/answers.ts';
import { broadcastsContract } from './store/broadcasts.ts';
import { conversationsContract } from './store/conversations.ts';
import { logContract } from './store/log.ts';
import { messagesContract } from './store/messages.ts';
import { nodesContract } from './store/nodes.ts';
import { racesContract } from './store/races.ts';
import { usersContract } from './store/users.ts';
import { openWorld, type StoreWorld } from './store/world.ts';

/** What every store does, whatever database is beneath. One database for all; each test makes its own users. */
export const storeContract = (name: string, create: () => Promise<TestDatabase>) =>
  describe(name, () => {
    let opened: StoreWorld | undefined;
    const world = (): StoreWorld => {
      if (!opened) throw new Error('the store is not open');
      return opened;
    };

    beforeAll(async () => {
      opened = await openWorld(create);
    }, 60_000);

    afterAll(async () => {
      await opened?.database.dispose();
    });

    usersContract(world);
    conversationsContract(world);
    messagesContract(world);
    answersContract(world);
    broadcastsContract(world);
    nodesContract(world);
    racesContract(world);
    // Last: it trims the log that the others fill.
    logContract(world);
  });
