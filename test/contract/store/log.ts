import { describe, expect, test } from '@jest/globals';
import { conversationTopic, userTopic } from '../../../src/domain/topics.ts';
import { newId } from '../../../src/util/id.ts';
import { eventually } from '../../support/eventually.ts';
import { addConversation, addUser, type GetWorld, readTopic, send } from './world.ts';

export const logContract = (world: GetWorld) =>
  describe('log', () => {
    test('reads what follows a seq, dense and up to a limit, with seq, floor and epoch', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      for (let index = 0; index < 4; index += 1) await send(store, ada, id, { answer: false });
      const topic = conversationTopic(id);
      const page = await store.log.read(topic, 1, 2);
      expect(page).toMatchObject({
        epoch: await store.log.epoch(),
        state: { topic, seq: 5, floor: 0 },
        events: [{ seq: 2 }, { seq: 3 }],
      });
      expect((await store.log.read(topic, 5, 10)).events).toEqual([]);
      expect((await store.log.read(topic, 99, 10)).state.seq).toBe(5);
    });

    test('an event reads as it was announced, byte for byte', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const text = '"\\ \n 𝔘nicode {"b":1,"a":2},"position":7';
      const { conversation, placed: first } = await send(store, ada, null, { text, answer: false });
      const { placed: second } = await send(store, ada, conversation.id, { text });
      const placed = [...first, ...second];
      const stored = await store.log.read(userTopic(ada.id), 0, 10);
      const announced = placed.filter(({ topic }) => topic === userTopic(ada.id));
      expect(JSON.stringify(stored.events)).toBe(JSON.stringify(announced));
    });

    test('reads of one moment, of several topics and of one topic twice, each give their own page', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      for (const text of ['one', 'two', 'three']) await send(store, ada, id, { text, answer: false });
      const topic = conversationTopic(id);
      const all = await store.log.read(topic, 0, 100);
      const asked = [
        [topic, 0, 100],
        [userTopic(ada.id), 0, 2],
        [topic, 0, 100],
        [topic, all.state.seq - 1, 100],
        [userTopic(`nobody-${id}`), 0, 100],
        [topic, 0, 1],
      ] as const;
      const [whole, mine, again, last, unknown, first] = await Promise.all(
        asked.map(([name, after, limit]) => store.log.read(name, after, limit)),
      );
      expect([whole, again]).toEqual([all, all]);
      expect(mine?.state.topic).toBe(userTopic(ada.id));
      expect(mine?.events.map((event) => [event.topic, event.seq])).toEqual([
        [userTopic(ada.id), 1],
        [userTopic(ada.id), 2],
      ]);
      expect(last?.events).toEqual(all.events.slice(-1));
      expect(unknown).toEqual({
        epoch: all.epoch,
        state: { topic: userTopic(`nobody-${id}`), seq: 0, floor: 0 },
        events: [],
      });
      expect(first?.events).toEqual(all.events.slice(0, 1));
      expect(
        await Promise.all([topic, 'broadcast' as const, topic].map((name) => store.log.state(name))),
      ).toEqual(
        (await store.log.states([topic, 'broadcast', topic])).states.map((state) => ({
          epoch: all.epoch,
          state,
        })),
      );
    });

    test('a read that cannot be made fails alone', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const [good, bad] = await Promise.allSettled([
        store.log.read(userTopic(ada.id), 0, 100),
        store.log.read(userTopic('\0'), 0, 100),
      ]);
      expect([good.status, bad.status]).toEqual(['fulfilled', 'rejected']);
    });

    test('an unknown topic stands at 0', async () => {
      const { store } = world();
      const topic = conversationTopic(newId());
      expect(await store.log.read(topic, 0, 10)).toMatchObject({
        state: { topic, seq: 0, floor: 0 },
        events: [],
      });
      const ada = await addUser(store);
      const { epoch, states } = await store.log.states([topic, userTopic(ada.id), 'broadcast']);
      expect(epoch).toBe(await store.log.epoch());
      expect(states.map((state) => state.topic)).toEqual([topic, userTopic(ada.id), 'broadcast']);
      expect(states[0]).toEqual({ topic, seq: 0, floor: 0 });
      expect((await store.log.states([])).states).toEqual([]);
    });

    test('names the topics that changed between two calls', async () => {
      const { store } = world();
      const [ada, bob] = [await addUser(store), await addUser(store, 'Bob')];
      const { conversation } = await send(store, ada, null);
      const first = await store.log.changedSince('');
      expect(first).toMatchObject({ changed: [], epoch: await store.log.epoch() });
      const sent = await send(store, ada, conversation.id);
      const second = await store.log.changedSince(first.watermark);
      const seq = sent.placed.at(-1)?.seq;
      expect(second.changed).toEqual(
        expect.arrayContaining([
          { topic: conversationTopic(conversation.id), seq },
          { topic: userTopic(ada.id), seq },
        ]),
      );
      await send(store, bob, null);
      const third = await store.log.changedSince(second.watermark);
      expect(third.changed.map(({ topic }) => topic)).toContain(userTopic(bob.id));
      // Named again while transactions of then are open, in any database of the server; not for ever.
      let { watermark } = third;
      await eventually(async () => {
        const later = await store.log.changedSince(watermark);
        watermark = later.watermark;
        return later.changed.length === 0;
      });
    });

    test('a new epoch begins only when the expected one is in force, for all nodes', async () => {
      const { store, other } = world();
      const before = await store.log.epoch();
      expect(before).toMatch(/^[\w-]{8,14}$/);
      const after = await store.log.rotateEpoch(before);
      expect(after).not.toBe(before);
      expect(await other.log.rotateEpoch(before)).toBe(after);
      expect(await other.log.epoch()).toBe(after);
      expect(await store.log.read('broadcast', 0, 1)).toMatchObject({ epoch: after });
    });

    test('what a node commits carries the epoch in force, though another node began it', async () => {
      const { store, other } = world();
      const ada = await addUser(store);
      const epoch = await other.log.rotateEpoch(await store.log.epoch());
      expect((await send(store, ada, null)).epoch).toBe(epoch);
      expect(await store.log.epoch()).toBe(epoch);
    });

    test('another database cluster or timeline behind the same address begins a new epoch', async () => {
      const { store, database } = world();
      for (const change of [`system_identifier = 'other'`, `timeline = '000000FF'`]) {
        const before = (await store.log.states([])).epoch;
        await (await database.openStore()).dispose();
        expect((await store.log.states([])).epoch).toBe(before);
        await database.sql.query(`update log_identity set ${change}`);
        await (await database.openStore()).dispose();
        expect((await store.log.states([])).epoch).not.toBe(before);
      }
    });

    test('an identity learned later ends nothing', async () => {
      const { store, database } = world();
      const before = (await store.log.states([])).epoch;
      await database.sql.query('update log_identity set system_identifier = null, timeline = null');
      await (await database.openStore()).dispose();
      expect((await store.log.states([])).epoch).toBe(before);
      const known = await database.sql.query<{ known: boolean }>(
        'select system_identifier is not null and timeline is not null as known from log_identity',
      );
      expect(known).toEqual([{ known: true }]);
    });

    test('trimming keeps the newest of each topic and raises its floor', async () => {
      const { store, other, database } = world();
      const [ada, bob] = [await addUser(store), await addUser(store, 'Bob')];
      const { id } = await addConversation(store, ada, [bob]);
      for (let index = 0; index < 6; index += 1) await send(store, ada, id, { answer: false });
      const topic = conversationTopic(id);
      const changedXid = () =>
        database.sql.query('select changed_xid::text from topics where name = $1', [topic]);
      const before = await changedXid();
      await Promise.all([store, other].map((one) => one.log.trim({ maxAgeMs: 10 ** 9, maxPerTopic: 3 })));
      expect((await store.log.read(topic, 0, 100)).state).toEqual({ topic, seq: 8, floor: 5 });
      expect(await readTopic(store, topic)).toHaveLength(3);
      expect(await readTopic(store, userTopic(bob.id))).toHaveLength(3);
      // What is trimmed has not changed: no feed need read it again.
      expect(await changedXid()).toEqual(before);
      expect(await store.log.trim({ maxAgeMs: 10 ** 9, maxPerTopic: 3 })).toBe(0);
      await send(store, ada, id, { answer: false });
      expect((await readTopic(store, topic)).length).toBe(4);
    });

    test('trimming forgets what is too old, and events that stand nowhere any more', async () => {
      const { store, clock, database } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      await send(store, ada, id);
      clock.advance(3_600_000);
      await send(store, ada, id, { answer: false });
      const topic = conversationTopic(id);
      expect(await store.log.trim({ maxAgeMs: 1_800_000, maxPerTopic: 10_000 })).toBeGreaterThanOrEqual(6);
      expect((await store.log.read(topic, 0, 100)).state).toEqual({ topic, seq: 4, floor: 3 });
      expect(await readTopic(store, topic)).toHaveLength(1);
      clock.advance(3_600_000);
      await store.log.trim({ maxAgeMs: 1_800_000, maxPerTopic: 10_000 });
      expect((await store.log.read(topic, 0, 100)).state).toEqual({ topic, seq: 4, floor: 4 });
      expect(await database.sql.query('select from events')).toEqual([]);
      expect(await database.sql.query('select from placements')).toEqual([]);
      expect(
        (await store.messages.page(id, ada.id, { direction: 'forward', limit: 9, after: null }))?.rows,
      ).toHaveLength(3);
    });
  });
