import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FeedsOptions } from '../../../src/feed/feeds.ts';
import type { Faults } from '../../support/faulty-pubsub.ts';
import { createRandom, newSeed } from '../../support/random.ts';
import { testDatabaseUrl } from '../../support/services.ts';
import { createPgliteDatabase, createPostgresDatabase, type TestDatabase } from '../../support/stores.ts';
import { createFeedWorld, type FeedWorld } from './feed-world.ts';
import { createFollower, type Follower } from './follower.ts';

const calm: Faults = { drop: 0, double: 0, delay: 0, maxDelayMs: 1 };
const stormy: Faults = { drop: 0.15, double: 0.1, delay: 0.25, maxDelayMs: 40 };

interface Run {
  readonly faults: Faults;
  readonly messages: number;
  readonly followers: number;
  readonly feeds?: Partial<FeedsOptions>;
  /** Happens now and then while people write. */
  readonly disturb?: (world: FeedWorld) => Promise<unknown>;
}

interface Outcome {
  readonly world: FeedWorld;
  readonly followers: readonly Follower[];
  sum(count: keyof Follower['ledger']['counts']): number;
}

/** Three write, the others read; all of it depends on the seed, but for the timing of the machine. */
const play = async (database: TestDatabase, seed: number, run: Run): Promise<Outcome> => {
  const random = createRandom(seed);
  const world = await createFeedWorld({ database, random, faults: run.faults, feeds: run.feeds ?? {} });
  let left = run.messages;
  const write = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      if (run.disturb && random.chance(0.05)) await run.disturb(world);
      await world.write();
    }
  };
  let isOver = false;
  const followers = Array.from({ length: run.followers }, () => createFollower(world, random));
  const following = followers.map((follower) => follower.follow(() => isOver));
  try {
    await Promise.all([write(), write(), write()]);
    isOver = true;
    await Promise.all(following);
    expectNothingBroken(world, followers);
  } finally {
    isOver = true;
    left = 0;
    await world.dispose();
    await Promise.allSettled(following);
  }
  const sum: Outcome['sum'] = (count) => followers.reduce((all, { ledger }) => all + ledger.counts[count], 0);
  return { world, followers, sum };
};

const expectNothingBroken = (world: FeedWorld, followers: readonly Follower[]): void => {
  for (const { topic, ledger } of followers) {
    expect({ topic, broken: ledger.violations }).toEqual({ topic, broken: [] });
    expect({ topic, wrong: ledger.compare(world.truth, world.textOf) }).toEqual({ topic, wrong: [] });
  }
  for (const { feeds } of world.nodes) expect(feeds.counts()).toEqual({ topics: 0, subscriptions: 0 });
};

const suite = (name: string, create: () => Promise<TestDatabase>): void =>
  describe(`subscribers of ${name} who come and go`, () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await create();
    });
    afterAll(() => database.dispose());

    const playAndCheck = async (run: Run): Promise<Outcome> => {
      const seed = newSeed();
      try {
        return await play(database, seed, run);
      } catch (error) {
        throw new Error(`EDAGENT_TEST_SEED=${seed}: ${String(error)}`, { cause: error });
      }
    };

    test('[L3] [L4] [L14] [N8] get every event once and in order although publishes are lost, doubled and late', async () => {
      const outcome = await playAndCheck({ faults: stormy, messages: 80, followers: 12 });
      expect(outcome.world.harmed()).toBeGreaterThan(100);
      expect(outcome.sum('events')).toBeGreaterThan(100);
      expect(outcome.sum('deltas')).toBeGreaterThan(10);
      expect(outcome.sum('resumed')).toBeGreaterThan(5);
      expect(outcome.sum('resyncs')).toBe(0);
    });

    test('[L17] get every event once and in order although their queues are tiny', async () => {
      const outcome = await playAndCheck({
        faults: calm,
        messages: 80,
        followers: 12,
        feeds: { queueMax: 3 },
      });
      expect(outcome.sum('events')).toBeGreaterThan(100);
      expect(outcome.sum('resyncs')).toBe(0);
    });

    test('[L8] [L16] get Resync, and no hole without one, although the history is trimmed and changed', async () => {
      const outcome = await playAndCheck({
        faults: stormy,
        messages: 80,
        followers: 12,
        feeds: { replayMax: 15 },
        async disturb({ nodes }) {
          const log = nodes[0]?.store.log;
          await log?.trim({ maxAgeMs: 3_600_000, maxPerTopic: 20 });
          const epoch = await log?.epoch();
          if (epoch !== undefined) await log?.rotateEpoch(epoch);
        },
      });
      expect(outcome.sum('events')).toBeGreaterThan(100);
      expect(outcome.sum('resyncs')).toBeGreaterThan(0);
    });
  });

suite('an embedded store', createPgliteDatabase);
if (testDatabaseUrl() === null) describe.skip('subscribers of a PostgreSQL who come and go', () => {});
else suite('a PostgreSQL', createPostgresDatabase);
