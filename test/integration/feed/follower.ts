import { parseCursor } from '../../../src/domain/cursor.ts';
import { conversationTopic, type Topic, userTopic } from '../../../src/domain/topics.ts';
import type { FeedSubscription } from '../../../src/feed/port.ts';
import type { Random } from '../../support/random.ts';
import { type FeedWorld, turns } from './feed-world.ts';
import { createLedger, type Ledger } from './ledger.ts';

export interface Follower {
  readonly topic: Topic;
  readonly ledger: Ledger;
  /** Joins, leaves and resumes at random, on any node, until `isOver`; then reads all that is left. */
  follow(isOver: () => boolean): Promise<void>;
}

/** One who reads: fast or slowly, for a while, and comes back with the cursors that they got, or sometimes without. */
export const createFollower = (world: FeedWorld, random: Random): Follower => {
  const user = random.pick(world.users);
  const topic = random.chance(0.7) ? conversationTopic(random.pick(world.conversations)) : userTopic(user.id);
  const ledger = createLedger();

  const subscribe = (after: readonly string[]): Promise<FeedSubscription> => {
    ledger.begin(after.map((cursor) => parseCursor(cursor).topic));
    return world.subscribe(random.pick(world.nodes), topic, after, user.id);
  };

  /** What a pull still gets counts, also when the subscription is left in the meantime. */
  const pull = async (subscription: FeedSubscription): Promise<'got' | 'ended'> => {
    const step = await subscription.next();
    if (step.done) return 'ended';
    ledger.accept(step.value);
    return 'got';
  };

  const stay = async (): Promise<void> => {
    const cursors = ledger.cursors();
    const subscription = await subscribe(random.chance(0.85) ? cursors : cursors.slice(random.int(3)));
    const isSlow = random.chance(0.3);
    for (let count = random.int(40); count > 0; count--) {
      if (isSlow) await turns(random.int(30));
      const pulling = pull(subscription);
      // Leaves while nothing comes.
      const isLeft = await Promise.race([pulling.then(() => false), turns(60).then(() => true)]);
      if (!isLeft) continue;
      await subscription.return();
      await pulling;
      return;
    }
    await subscription.return();
  };

  return {
    topic,
    ledger,
    async follow(isOver) {
      while (!isOver()) await stay();
      const subscription = await subscribe(ledger.cursors());
      while (ledger.cursors().length < 2 || !ledger.isComplete(world.truth)) {
        if ((await pull(subscription)) === 'ended') throw new Error(`${topic} ended`);
      }
      await subscription.return();
    },
  };
};
