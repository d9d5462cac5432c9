import { describe, expect, test } from '@jest/globals';
import { newId } from '../../../src/util/id.ts';
import { addConversation, addUser, ask, claim, claimable, type GetWorld } from './world.ts';

export const nodesContract = (world: GetWorld) =>
  describe('nodes', () => {
    test('what a node holds is safe until its lease ends', async () => {
      const { store, other } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      const { answer } = await ask(store, ada, id);
      await store.nodes.renew('holder', 600_000);
      await claim(store, answer.id, 'holder');
      expect(await claimable(other)).not.toContain(answer.id);
      expect((await other.answers.claim(answer.id, 'thief', 3)).result).toBeNull();
      await store.nodes.renew('holder', -1);
      expect(await claimable(other)).toContain(answer.id);
      expect(await claimable(other, { orphans: false })).not.toContain(answer.id);
      await store.nodes.renew('holder', 600_000);
      expect(await claimable(other)).not.toContain(answer.id);
      await store.nodes.end('holder');
      expect(await claimable(other)).toContain(answer.id);
    });

    test('pruning keeps the living and those that ended lately', async () => {
      const { store, database } = world();
      for (const [id, leaseMs] of [
        ['living', 600_000],
        ['late', -1_000],
        ['gone', -7_200_000],
      ] as const) {
        await store.nodes.renew(id, leaseMs);
      }
      await store.nodes.prune();
      const rows = await database.sql.query<{ id: string }>(
        `select id from nodes where id in ('living', 'late', 'gone') order by id`,
      );
      expect(rows.map(({ id }) => id)).toEqual(['late', 'living']);
    });

    test('cuts are known to all nodes for a time, once', async () => {
      const { store, other } = world();
      const cut = { id: newId(), connectionId: null, userId: 'ada', reason: 'enough' };
      await store.nodes.addDisconnect(cut);
      await store.nodes.addDisconnect(cut);
      const { disconnects } = await other.nodes.recentCuts(60_000);
      expect(disconnects.filter(({ id }) => id === cut.id)).toEqual([cut]);
      expect((await other.nodes.recentCuts(-1)).disconnects).toEqual([]);
    });
  });
