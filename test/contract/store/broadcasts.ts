import { describe, expect, test } from '@jest/globals';
import type { User } from '../../../src/domain/entities.ts';
import { broadcastTopic, userTopic } from '../../../src/domain/topics.ts';
import { broadcastKey } from '../../../src/store/page-keys.ts';
import { newId } from '../../../src/util/id.ts';
import { addUser, backward, expectKind, forward, type GetWorld, topicsOfPlaced } from './world.ts';

export const broadcastsContract = (world: GetWorld) =>
  describe('broadcasts', () => {
    const toAdd = (sender: User, text: string, users: readonly User[] | null = null, forMs = 60_000) => ({
      senderId: sender.id,
      clientBroadcastId: newId(),
      text,
      userIds: users?.map((user) => user.id) ?? null,
      expiresAt: new Date(world().clock.now().getTime() + forMs).toISOString(),
    });

    const add = async (...input: Parameters<typeof toAdd>) =>
      expectKind(await world().store.broadcasts.add(toAdd(...input)), 'added');

    /** Those for this user, without what other tests sent to all before the user was there. */
    const textsFor = async (user: User, unreadOnly = true) =>
      (await world().store.broadcasts.pageFor(user.id, unreadOnly, forward(100))).rows.map(
        ({ text }) => text,
      );

    test('one to all is placed in the broadcast topic only', async () => {
      const { store } = world();
      const admin = await addUser(store, 'Root');
      const { result, placed } = await add(admin, 'Tonight we update.');
      expect(placed).toMatchObject([
        {
          topic: broadcastTopic,
          event: { type: 'BroadcastAdded', broadcastId: result.id, text: result.text },
        },
      ]);
      expect(result).toMatchObject({ userIds: null, readAt: null });
      const { rows, seq } = await store.broadcasts.page(forward(1));
      expect(rows).toEqual([result]);
      expect(seq).toBe(placed[0]?.seq);
    });

    test('one to named users is placed in their topics and is theirs only', async () => {
      const { store } = world();
      const [admin, ada, bob] = [
        await addUser(store, 'Root'),
        await addUser(store),
        await addUser(store, 'Bob'),
      ];
      const { placed } = await add(admin, 'For Ada', [ada]);
      expect(topicsOfPlaced(placed)).toEqual([userTopic(ada.id)]);
      await add(admin, 'For both', [ada, bob, ada]);
      expect(await textsFor(ada)).toEqual(['For both', 'For Ada']);
      expect(await textsFor(bob)).toEqual(['For both']);
      const seen = await store.broadcasts.pageFor(bob.id, true, forward(1));
      expect(seen.rows[0]?.userIds).toEqual([bob.id]);
    });

    test('the same client id gives the same one, with other content a conflict', async () => {
      const { store, other } = world();
      const admin = await addUser(store, 'Root');
      const input = toAdd(admin, 'Once');
      const outcomes = await Promise.all(
        [store, other, store, other].map((one, index) =>
          one.broadcasts.add({ ...input, expiresAt: toAdd(admin, '', null, 90_000 + index).expiresAt }),
        ),
      );
      const added = outcomes.map((outcome) => expectKind(outcome, 'added'));
      expect(added.filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(added.flatMap(({ placed }) => placed)).toHaveLength(1);
      expect(new Set(added.map(({ result }) => result.id)).size).toBe(1);
      expectKind(await store.broadcasts.add({ ...input, text: 'Twice' }), 'conflict');
      expectKind(await store.broadcasts.add({ ...input, userIds: [admin.id] }), 'conflict');
    });

    test('users that do not exist are named, and nothing is sent', async () => {
      const { store } = world();
      const admin = await addUser(store, 'Root');
      const input = { ...toAdd(admin, 'Hello'), userIds: [admin.id, 'no\0body', 'nobody'] };
      expect(await store.broadcasts.add(input)).toEqual({
        kind: 'unknown-users',
        userIds: ['no\0body', 'nobody'],
      });
      expect(await textsFor(admin)).toEqual([]);
    });

    test('a user has those sent since they were created, until read or expired', async () => {
      const { store, clock } = world();
      const admin = await addUser(store, 'Root');
      await add(admin, 'Before');
      const ada = await addUser(store);
      const { result } = await add(admin, 'To all');
      await add(admin, 'For a moment', null, 5_000);
      expect(await textsFor(ada)).toEqual(['For a moment', 'To all']);
      clock.advance(10_000);
      expect(await textsFor(ada)).toEqual(['To all']);
      const read = expectKind(await store.broadcasts.markRead(result.id, ada.id), 'done');
      expect(read.placed).toMatchObject([
        { topic: userTopic(ada.id), event: { type: 'BroadcastRead', broadcastId: result.id } },
      ]);
      expect(read.result).toEqual({ ...result, readAt: read.placed[0]?.event.at });
      expect(await textsFor(ada)).toEqual([]);
      expect(await textsFor(ada, false)).toEqual(['To all']);
      const again = expectKind(await store.broadcasts.markRead(result.id, ada.id), 'done');
      expect(again).toMatchObject({ placed: [], result: read.result });
    });

    test('only those it was for can mark it read', async () => {
      const { store } = world();
      const [admin, ada] = [await addUser(store, 'Root'), await addUser(store)];
      const forAdmin = await add(admin, 'For the admin', [admin]);
      const toAll = await add(admin, 'To all');
      const late = await addUser(store, 'Late');
      const { markRead } = store.broadcasts;
      expect(await markRead(forAdmin.result.id, ada.id)).toEqual({ kind: 'not-found' });
      expect(await markRead(toAll.result.id, late.id)).toEqual({ kind: 'not-found' });
      for (const id of [newId(), 'nonsense']) {
        expect(await markRead(id, ada.id)).toEqual({ kind: 'not-found' });
      }
    });

    test('pages are newest first and meet, both ways', async () => {
      const { store } = world();
      const [admin, ada] = [await addUser(store, 'Root'), await addUser(store)];
      for (let index = 0; index < 7; index += 1) await add(admin, `${index}`, index % 2 ? [ada] : null);
      const seen: string[] = [];
      let after: string | null = null;
      for (let number = 0; number < 3; number += 1) {
        const page = await store.broadcasts.pageFor(ada.id, true, forward(3, after));
        seen.push(...page.rows.map(({ text }) => text));
        expect(page).toMatchObject({ hasPreviousPage: number > 0, hasNextPage: number < 2 });
        const last = page.rows.at(-1);
        after = last ? broadcastKey(last) : null;
      }
      expect(seen).toEqual(['6', '5', '4', '3', '2', '1', '0']);
      const end = await store.broadcasts.pageFor(ada.id, true, backward(2));
      expect(end.rows.map(({ text }) => text)).toEqual(['1', '0']);
      expect(end).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
      const all = await store.broadcasts.page(forward(7));
      expect(all.rows.map(({ text }) => text)).toEqual(seen);
      const [newest] = all.rows;
      const none = await store.broadcasts.page(backward(3, newest ? broadcastKey(newest) : null));
      expect(none).toMatchObject({ rows: [], hasPreviousPage: false, hasNextPage: true });
      await expect(store.broadcasts.page(forward(3, 'x'))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    });
  });
