import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type ConnectionInfo,
  type NodeInfo,
  type Presence,
  presenceTtlMs,
  type RatePoint,
  rateIntervalMs,
} from '../../src/connections/port.ts';
import { newId } from '../../src/util/id.ts';
import { eventually } from '../support/eventually.ts';

export interface PresenceSetup {
  /** The presence of a node; null when there can be only one. */
  join(nodeId: string): Presence | null;
  /** Lets the time of a node that does not refresh run out. */
  passTtl(): void;
  dispose(): Promise<void>;
}

export const connectionOf = (nodeId: string, userId: string, id: string = newId()): ConnectionInfo => ({
  id,
  nodeId,
  userId,
  userName: `The ${userId}`,
  transport: 'WEBSOCKET',
  userAgent: null,
  connectedAt: '2026-01-01T00:00:00.000Z',
  lastActivityAt: '2026-01-01T00:00:01.000Z',
  messagesIn: 1,
  messagesOut: 2,
  subscriptionCount: 3,
});

export const nodeOf = (id: string, fields: Partial<NodeInfo> = {}): NodeInfo => ({
  id,
  startedAt: '2026-01-01T00:00:00.000Z',
  version: '1.0.0',
  connectionCount: 0,
  userCount: 0,
  answersInProgress: 0,
  isDraining: false,
  residentBytes: 1_000,
  ...fields,
});

const ids = (connections: readonly { id: string }[]) => connections.map(({ id }) => id).sort();

/** `ttlMs`: how long a node lives without a refresh; adapters with an injected clock may ignore it. */
export const presenceContract = (name: string, create: (ttlMs: number) => Promise<PresenceSetup>): void => {
  describe(name, () => {
    let setup: PresenceSetup;
    let presence: Presence;

    const begin = async (ttlMs: number) => {
      setup = await create(ttlMs);
      const joined = setup.join('one');
      if (!joined) throw new Error('the first node can always join');
      presence = joined;
    };
    beforeEach(() => begin(presenceTtlMs));
    afterEach(() => setup.dispose());

    test('connections are listed as they were put, all or those of a user or a node', async () => {
      const [a, b, c] = [connectionOf('one', 'ada'), connectionOf('one', 'ada'), connectionOf('one', 'bob')];
      await presence.put([a, b]);
      await presence.put([c]);
      expect(ids(await presence.connections())).toEqual(ids([a, b, c]));
      expect(ids(await presence.connections({ userId: 'ada' }))).toEqual(ids([a, b]));
      expect(ids(await presence.connections({ nodeId: 'one' }))).toEqual(ids([a, b, c]));
      expect(await presence.connections({ nodeId: 'two' })).toEqual([]);
      expect(await presence.connections({ userId: 'bob', nodeId: 'one' })).toEqual([c]);
    });

    test('putting a connection again replaces it and counts it once', async () => {
      const connection = connectionOf('one', 'ada');
      const changed = { ...connection, messagesIn: 7 };
      await presence.put([connection]);
      await presence.put([changed]);
      expect(await presence.connections()).toEqual([changed]);
      expect(await presence.countOf('ada')).toBe(1);
    });

    test('users are counted once, and their connections each', async () => {
      await presence.put([
        connectionOf('one', 'ada'),
        connectionOf('one', 'ada'),
        connectionOf('one', 'bob'),
      ]);
      expect([
        await presence.userCount(),
        await presence.countOf('ada'),
        await presence.countOf('eve'),
      ]).toEqual([2, 2, 0]);
    });

    test('a removed connection is gone, and its user with the last one', async () => {
      const [a, b] = [connectionOf('one', 'ada'), connectionOf('one', 'ada')];
      await presence.put([a, b]);
      await presence.remove([a]);
      await presence.remove([a]);
      expect([await presence.countOf('ada'), await presence.connections()]).toEqual([1, [b]]);
      await presence.remove([{ id: b.id, userId: b.userId }]);
      expect([await presence.userCount(), await presence.connections({ userId: 'ada' })]).toEqual([0, []]);
    });

    test('refresh says whether the node was known and shows its state', async () => {
      expect(await presence.refresh(nodeOf('one'))).toBe(false);
      const busy = nodeOf('one', { answersInProgress: 3, isDraining: true });
      expect(await presence.refresh(busy)).toBe(true);
      expect(await presence.nodes()).toEqual([busy]);
    });

    test('a node that leaves takes its connections along and is not known any more', async () => {
      await presence.refresh(nodeOf('one'));
      await presence.put([connectionOf('one', 'ada')]);
      await presence.leave();
      expect([
        await presence.nodes(),
        await presence.connections(),
        await presence.userCount(),
        await presence.countOf('ada'),
      ]).toEqual([[], [], 0, 0]);
      expect(await presence.refresh(nodeOf('one'))).toBe(false);
    });

    test('a node that does not refresh vanishes with all that it put', async () => {
      await setup.dispose();
      await begin(200);
      await presence.refresh(nodeOf('one'));
      await presence.put([connectionOf('one', 'ada')]);
      setup.passTtl();
      await eventually(async () => (await presence.nodes()).length === 0);
      await eventually(async () => (await presence.connections()).length === 0);
      expect([await presence.userCount(), await presence.countOf('ada')]).toEqual([0, 0]);
      expect(await presence.refresh(nodeOf('one'))).toBe(false);
    });

    test('of two nodes users are counted once, and one leaving leaves the other', async () => {
      const other = setup.join('two');
      if (!other) return;
      const [a, b, c] = [connectionOf('one', 'ada'), connectionOf('two', 'ada'), connectionOf('two', 'bob')];
      await presence.refresh(nodeOf('one'));
      await other.refresh(nodeOf('two'));
      await presence.put([a]);
      await other.put([b, c]);
      expect([await presence.userCount(), await presence.countOf('ada')]).toEqual([2, 2]);
      expect(ids(await presence.connections({ userId: 'ada' }))).toEqual(ids([a, b]));
      expect(await presence.connections({ nodeId: 'one' })).toEqual([a]);
      expect(await other.nodes()).toEqual([nodeOf('one'), nodeOf('two')]);
      await presence.leave();
      expect([await other.nodes(), ids(await other.connections())]).toEqual([[nodeOf('two')], ids([b, c])]);
      expect([await other.userCount(), await other.countOf('ada')]).toEqual([2, 1]);
    });

    describe('rates', () => {
      const interval = Math.floor(Date.now() / rateIntervalMs) * rateIntervalMs;
      const at = (intervalsAgo: number) => new Date(interval - intervalsAgo * rateIntervalMs).toISOString();
      const point = (fields: Partial<RatePoint> & { at: string }): RatePoint => ({
        connections: 0,
        userCount: 0,
        answersInProgress: 0,
        messages: 0,
        deltas: 0,
        answers: 0,
        broadcasts: 0,
        firstTokenMs: 0,
        firstTokens: 0,
        ...fields,
      });

      test('points of one interval add up', async () => {
        const within = new Date(interval + 1_234).toISOString();
        await presence.addRates(point({ at: at(0), messages: 2, connections: 10, answersInProgress: 1 }));
        await presence.addRates(
          point({ at: within, messages: 3, broadcasts: 1, connections: 5, answersInProgress: 2 }),
        );
        await presence.addRates(point({ at: within, firstTokenMs: 12.6, firstTokens: 1 }));
        expect(await presence.rates(at(0))).toEqual([
          point({
            at: at(0),
            messages: 5,
            broadcasts: 1,
            connections: 15,
            answersInProgress: 3,
            firstTokenMs: 13,
            firstTokens: 1,
          }),
        ]);
      });

      test('users are counted once, on however many connections and nodes they are', async () => {
        const other = setup.join('two');
        const nodes = [
          { of: presence, connections: [connectionOf('one', 'ada'), connectionOf('one', 'ada')] },
          ...(other ? [{ of: other, connections: [connectionOf('two', 'ada')] }] : []),
        ];
        await nodes.at(-1)?.of.put([connectionOf(other ? 'two' : 'one', 'bob')]);
        for (const { of, connections } of nodes) await of.put(connections);
        await Promise.all(nodes.map(({ of }) => of.addRates(point({ at: at(0), userCount: 7 }))));
        expect(await presence.rates(at(0))).toEqual([point({ at: at(0), userCount: 2 })]);
      });

      test('intervals come oldest first, from the given time on, without those nobody wrote', async () => {
        for (const ago of [1, 60, 3]) await presence.addRates(point({ at: at(ago), deltas: ago }));
        expect(await presence.rates(at(3))).toEqual([
          point({ at: at(3), deltas: 3 }),
          point({ at: at(1), deltas: 1 }),
        ]);
        expect((await presence.rates(at(100))).map(({ deltas }) => deltas)).toEqual([60, 3, 1]);
      });
    });
  });
};
