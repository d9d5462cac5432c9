import { describe, expect, test } from '@jest/globals';
import { maxParticipants } from '../../../src/domain/entities.ts';
import { conversationTopic, userTopic } from '../../../src/domain/topics.ts';
import { conversationKey } from '../../../src/store/page-keys.ts';
import { newId } from '../../../src/util/id.ts';
import {
  addConversation,
  addUser,
  ask,
  backward,
  claimable,
  expectKind,
  forward,
  type GetWorld,
  placedIn,
  readTopic,
  send,
  sorted,
  topicsFor,
  topicsOfPlaced,
  typesOf,
} from './world.ts';

export const conversationsContract = (world: GetWorld) =>
  describe('conversations', () => {
    test('a new one is announced in its topic and its owner’s', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const created = await store.conversations.create({
        ownerId: ada.id,
        clientConversationId: 'c1',
        title: 'Groups',
      });
      const { result, placed } = expectKind(created, 'created');
      expect(result).toMatchObject({ title: 'Groups', ownerId: ada.id });
      expect(topicsOfPlaced(placed)).toEqual(topicsFor(result.id, ada));
      expect(new Set(placed.map(({ event }) => event.id)).size).toBe(1);
      expect(await readTopic(store, conversationTopic(result.id))).toEqual([
        expect.objectContaining({
          type: 'ConversationUpdated',
          title: 'Groups',
          conversationId: result.id,
          at: result.updatedAt,
        }),
      ]);
      expect(await store.conversations.find(result.id, ada.id)).toEqual(result);
    });

    test('the same client id gives the same one, with another title a conflict', async () => {
      const { store, other } = world();
      const ada = await addUser(store);
      const input = { ownerId: ada.id, clientConversationId: 'c1', title: null };
      const outcomes = await Promise.all(
        [store, other, store, other].map((one) => one.conversations.create(input)),
      );
      const ids = outcomes.map((outcome) => expectKind(outcome, 'created').result.id);
      expect(new Set(ids).size).toBe(1);
      expect(await readTopic(store, userTopic(ada.id))).toHaveLength(1);
      expectKind(await store.conversations.rename(ids[0] ?? '', ada.id, 'Rings'), 'done');
      expectKind(await store.conversations.create(input), 'created');
      expectKind(await store.conversations.create({ ...input, title: 'Rings' }), 'conflict');
      const bob = await addUser(store, 'Bob');
      const bobs = expectKind(await store.conversations.create({ ...input, ownerId: bob.id }), 'created');
      expect(bobs.result.id).not.toBe(ids[0]);
    });

    test('whoever takes no part sees and may do nothing, as if it did not exist', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const eve = await addUser(store, 'Eve');
      const { id } = await addConversation(store, ada);
      const { message } = await send(store, ada, id);
      for (const conversationId of [id, newId(), 'no id at all', '']) {
        const { conversations } = store;
        expect(await conversations.find(conversationId, eve.id)).toBeNull();
        expect(await conversations.isParticipant(conversationId, eve.id)).toBe(false);
        expect(await conversations.unreadCount(conversationId, eve.id)).toBe(0);
        for (const outcome of [
          await conversations.rename(conversationId, eve.id, 'Mine'),
          await conversations.remove(conversationId, eve.id),
          await conversations.addParticipant(conversationId, eve.id, eve.id),
          await conversations.removeParticipant(conversationId, eve.id, ada.id),
          await conversations.markRead(conversationId, eve.id, message.id),
        ]) {
          expect(outcome).toEqual({ kind: 'not-found' });
        }
      }
      expect(await store.conversations.isParticipant(id, ada.id)).toBe(true);
    });

    test('only the owner renames, deletes, adds and removes others', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const bob = await addUser(store, 'Bob');
      const { id } = await addConversation(store, ada, [bob]);
      for (const outcome of [
        await store.conversations.rename(id, bob.id, 'Mine'),
        await store.conversations.remove(id, bob.id),
        await store.conversations.addParticipant(id, bob.id, bob.id),
        await store.conversations.removeParticipant(id, bob.id, ada.id),
      ]) {
        expect(outcome).toEqual({ kind: 'forbidden' });
      }
    });

    test('a rename is announced to all participants, and only when it changes something', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const bob = await addUser(store, 'Bob');
      const { id, updatedAt } = await addConversation(store, ada, [bob]);
      const { result, placed } = expectKind(await store.conversations.rename(id, ada.id, 'Rings'), 'done');
      expect(result.title).toBe('Rings');
      expect(result.updatedAt > updatedAt).toBe(true);
      expect(await store.conversations.find(id, bob.id)).toEqual(result);
      expect(sorted(topicsOfPlaced(placed))).toEqual(sorted(topicsFor(id, ada, bob)));
      expect(placed[0]?.event).toMatchObject({ type: 'ConversationUpdated', title: 'Rings' });
      expect(expectKind(await store.conversations.rename(id, ada.id, 'Rings'), 'done').placed).toEqual([]);
    });

    test('a new participant hears of it, sees everything, and is added once', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const bob = await addUser(store, 'Bob');
      const { id } = await addConversation(store, ada);
      await send(store, ada, id);
      const { placed } = expectKind(await store.conversations.addParticipant(id, ada.id, bob.id), 'done');
      expect(sorted(topicsOfPlaced(placed))).toEqual(sorted(topicsFor(id, ada, bob)));
      expect(typesOf(await readTopic(store, userTopic(bob.id)))).toEqual(['ConversationUpdated']);
      expect((await store.messages.page(id, bob.id, forward(10)))?.rows).toHaveLength(2);
      expect(await store.conversations.unreadCount(id, bob.id)).toBe(2);
      const again = expectKind(await store.conversations.addParticipant(id, ada.id, bob.id), 'done');
      expect(again.placed).toEqual([]);
      expectKind(await store.conversations.addParticipant(id, ada.id, 'nobody'), 'unknown-user');
      expectKind(await store.conversations.addParticipant(id, ada.id, 'no\0body'), 'unknown-user');
      const names = (await store.conversations.participants(id)).map(({ user }) => user.name);
      expect(names).toEqual(['Ada', 'Bob']);
    });

    test(`it holds at most ${maxParticipants} participants`, async () => {
      const { store, other } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      const users = await Promise.all(
        Array.from({ length: maxParticipants + 2 }, () => addUser(store, 'Bob')),
      );
      const outcomes = await Promise.all(
        users.map((user, index) =>
          (index % 2 ? store : other).conversations.addParticipant(id, ada.id, user.id),
        ),
      );
      expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(maxParticipants - 1);
      expect(outcomes.filter(({ kind }) => kind === 'full')).toHaveLength(3);
      expect(await store.conversations.participants(id)).toHaveLength(maxParticipants);
    });

    test('whoever is removed hears it in their topic, feeds hear it in the conversation’s', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const bob = await addUser(store, 'Bob');
      const { id } = await addConversation(store, ada, [bob]);
      const { placed } = expectKind(await store.conversations.removeParticipant(id, ada.id, bob.id), 'done');
      expect(placed).toHaveLength(2);
      expect(placedIn(placed, userTopic(bob.id))).toMatchObject([
        { type: 'ConversationRemoved', conversationId: id },
      ]);
      expect(placedIn(placed, conversationTopic(id))).toMatchObject([
        { type: 'AccessEnded', userId: bob.id },
      ]);
      expect(await store.conversations.isParticipant(id, bob.id)).toBe(false);
      const after = await send(store, ada, id);
      expect(topicsOfPlaced(after.placed)).toEqual(topicsFor(id, ada));
      const again = expectKind(await store.conversations.removeParticipant(id, ada.id, bob.id), 'done');
      expect(again.placed).toEqual([]);
    });

    test('everyone may leave, the owner too, and the others stay', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const bob = await addUser(store, 'Bob');
      const { id } = await addConversation(store, ada, [bob]);
      expectKind(await store.conversations.removeParticipant(id, ada.id, ada.id), 'done');
      expect(await store.conversations.find(id, ada.id)).toBeNull();
      expect(await store.conversations.rename(id, ada.id, 'x')).toEqual({ kind: 'not-found' });
      await send(store, bob, id);
      expectKind(await store.conversations.removeParticipant(id, bob.id, bob.id), 'done');
      expect(await store.conversations.participants(id)).toEqual([]);
    });

    test('a deleted one is gone for all, its open answers with it', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const bob = await addUser(store, 'Bob');
      const { id } = await addConversation(store, ada, [bob]);
      const { answer, message } = await ask(store, ada, id);
      const { result, placed } = expectKind(await store.conversations.remove(id, ada.id), 'done');
      expect(result).toBe(id);
      expect(typesOf(placedIn(placed, conversationTopic(id)))).toEqual(['AccessEnded']);
      expect(placedIn(placed, conversationTopic(id))).toMatchObject([{ userId: null }]);
      for (const user of [ada, bob]) {
        expect(typesOf(placedIn(placed, userTopic(user.id)))).toEqual(['ConversationRemoved']);
        expect(await store.conversations.find(id, user.id)).toBeNull();
        expect((await store.conversations.page(user.id, forward(10))).rows).toEqual([]);
        expect(await store.messages.page(id, user.id, forward(10))).toBeNull();
        expect(await store.messages.find(message.id, user.id)).toBeNull();
      }
      expect(await claimable(store)).not.toContain(answer.id);
      expect((await store.answers.claim(answer.id, 'node', 3)).result).toBeNull();
      expect(await store.conversations.remove(id, ada.id)).toEqual({ kind: 'not-found' });
    });

    test('a late repeat of a message of a deleted one begins nothing anew', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const clientMessageId = newId();
      const { conversation } = await send(store, ada, null, { clientMessageId });
      expectKind(await store.conversations.remove(conversation.id, ada.id), 'done');
      const input = { author: { id: ada.id, name: 'Ada' }, clientMessageId, conversationId: null };
      const more = {
        text: 'What is a group?',
        answer: true,
        whileAnswering: 'WAIT',
        tutorName: 'Tutor',
      } as const;
      expect(await store.messages.send({ ...input, ...more })).toEqual({ kind: 'not-found' });
      const texts = await world().database.sql.query<{ text: string }>(
        `select distinct text from messages where conversation_id = $1`,
        [conversation.id],
      );
      expect(texts).toEqual([{ text: '' }]);
    });

    test('unread are the messages of others after the mark, which moves forward only', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const bob = await addUser(store, 'Bob');
      const { id } = await addConversation(store, ada, [bob]);
      const first = await send(store, ada, id, { answer: false });
      const second = await send(store, ada, id, { answer: false });
      expect(await store.conversations.unreadCount(id, ada.id)).toBe(0);
      expect(await store.conversations.unreadCount(id, bob.id)).toBe(2);
      const { placed } = expectKind(
        await store.conversations.markRead(id, bob.id, second.message.id),
        'done',
      );
      expect(placed).toMatchObject([
        { topic: userTopic(bob.id), event: { type: 'ConversationRead', messageId: second.message.id } },
      ]);
      expect(await store.conversations.unreadCount(id, bob.id)).toBe(0);
      const back = expectKind(await store.conversations.markRead(id, bob.id, first.message.id), 'done');
      expect(back.placed).toEqual([]);
      expect(await store.conversations.unreadCount(id, bob.id)).toBe(0);
      expect(await store.conversations.markRead(id, bob.id, newId())).toEqual({ kind: 'not-found' });
    });

    test('sending reads everything before it, without an event', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const bob = await addUser(store, 'Bob');
      const { id } = await addConversation(store, ada, [bob]);
      await send(store, ada, id, { answer: false });
      const { placed } = await ask(store, bob, id);
      expect(typesOf(placedIn(placed, userTopic(bob.id)))).toEqual(['MessageAdded', 'MessageAdded']);
      expect(await store.conversations.unreadCount(id, bob.id)).toBe(1);
      expect(await store.conversations.unreadCount(id, ada.id)).toBe(2);
      expect((await store.conversations.lastMessage(id))?.author.kind).toBe('TUTOR');
      expect(await store.conversations.lastMessage(newId())).toBeNull();
    });

    test('pages give each conversation once, latest change first, both ways', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const ids: string[] = [];
      for (let index = 0; index < 7; index += 1) ids.unshift((await addConversation(store, ada)).id);
      const third = ids[2] ?? '';
      await send(store, ada, third, { answer: false });
      const order = [third, ...ids.filter((id) => id !== third)];

      const seen: string[] = [];
      let after: string | null = null;
      for (let page = 0; page < 3; page += 1) {
        const { rows, hasNextPage, hasPreviousPage, seq } = await store.conversations.page(
          ada.id,
          forward(3, after),
        );
        seen.push(...rows.map(({ id }) => id));
        expect({ hasPreviousPage, hasNextPage }).toEqual({
          hasPreviousPage: page > 0,
          hasNextPage: page < 2,
        });
        expect(seq).toBe(8);
        const last = rows.at(-1);
        after = last ? conversationKey(last) : null;
      }
      expect(seen).toEqual(order);

      const end = await store.conversations.page(ada.id, backward(2));
      expect(end.rows.map(({ id }) => id)).toEqual(order.slice(5));
      expect(end).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
      const [firstOfEnd] = end.rows;
      if (!firstOfEnd) throw new Error('empty page');
      const before = await store.conversations.page(ada.id, backward(10, conversationKey(firstOfEnd)));
      expect(before.rows.map(({ id }) => id)).toEqual(order.slice(0, 5));
      expect(before).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
      const nothing = await addUser(store, 'Bob');
      expect(await store.conversations.page(nothing.id, forward(3))).toMatchObject({
        rows: [],
        hasNextPage: false,
        hasPreviousPage: false,
        seq: 0,
      });
    });

    test('a malformed key of a page is refused by the name of its argument', async () => {
      const { store } = world();
      for (const key of ['', 'x', '%%%', 'bS4x', Buffer.from('c.99999999999999.x').toString('base64url')]) {
        await expect(store.conversations.page('ada', forward(3, key))).rejects.toMatchObject({
          code: 'BAD_INPUT',
          field: 'after',
        });
        await expect(store.conversations.page('ada', backward(3, key))).rejects.toMatchObject({
          code: 'BAD_INPUT',
          field: 'before',
        });
      }
    });
  });
