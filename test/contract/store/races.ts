import { describe, expect, test } from '@jest/globals';
import type { StoredEvent } from '../../../src/domain/events.ts';
import { conversationTopic, userTopic } from '../../../src/domain/topics.ts';
import { addConversation, addUser, type GetWorld, readTopic, send } from './world.ts';

const idsOf = (events: readonly StoredEvent[]) => events.map(({ id }) => id);

export const racesContract = (world: GetWorld) =>
  describe('many at once', () => {
    test('sends to the same conversations and users give dense seqs and one order in all topics', async () => {
      const { store, other } = world();
      const [ada, bob, eve] = [
        await addUser(store),
        await addUser(store, 'Bob'),
        await addUser(store, 'Eve'),
      ] as const;
      const one = await addConversation(store, ada, [bob, eve]);
      const two = await addConversation(store, bob, [eve, ada]);
      const users = [ada, bob, eve] as const;
      const start = (await readTopic(store, conversationTopic(one.id))).length;
      await Promise.all(
        Array.from({ length: 40 }, (_, index) => {
          const author = users[index % 3] ?? ada;
          return send(index % 2 ? store : other, author, index % 4 < 2 ? one.id : two.id, { answer: false });
        }),
      );
      const logs = await Promise.all([one, two].map(({ id }) => readTopic(store, conversationTopic(id))));
      expect(logs[0]).toHaveLength(start + 20);
      for (const user of users) {
        const ids = idsOf(await readTopic(store, userTopic(user.id)));
        for (const log of logs) {
          const shared = idsOf(log).filter((id) => ids.includes(id));
          expect(ids.filter((id) => shared.includes(id))).toEqual(shared);
        }
      }
      for (const { id } of [one, two]) {
        const rows = (await store.messages.page(id, ada.id, { direction: 'forward', limit: 99, after: null }))
          ?.rows;
        expect(rows?.map(({ position }) => position)).toEqual(
          Array.from({ length: 20 }, (_, index) => index + 1),
        );
      }
    });

    test('who comes and goes while messages are sent has exactly the events of their time', async () => {
      const { store, other } = world();
      const [ada, bob] = [await addUser(store), await addUser(store, 'Bob')];
      const { id } = await addConversation(store, ada);
      const comeAndGo = async () => {
        for (let round = 0; round < 5; round += 1) {
          await other.conversations.addParticipant(id, ada.id, bob.id);
          await other.conversations.removeParticipant(id, ada.id, bob.id);
        }
      };
      const talk = async () => {
        for (let round = 0; round < 25; round += 1) await send(store, ada, id, { answer: false });
      };
      await Promise.all([comeAndGo(), talk(), talk()]);
      // Ada's conversation begins with one ConversationUpdated; each later one is Bob coming.
      const [, ...events] = await readTopic(store, conversationTopic(id));
      const expected: string[] = [];
      let takesPart = false;
      for (const event of events) {
        if (event.type === 'ConversationUpdated') takesPart = true;
        if (event.type === 'AccessEnded') takesPart = false;
        if (takesPart) expected.push(event.id);
      }
      const bobs = await readTopic(store, userTopic(bob.id));
      expect(idsOf(bobs.filter((event) => event.type !== 'ConversationRemoved'))).toEqual(expected);
      expect(bobs.filter((event) => event.type === 'ConversationRemoved')).toHaveLength(5);
    });
  });
