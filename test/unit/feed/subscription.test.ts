import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { toCursor } from '../../../src/domain/cursor.ts';
import { notFound, unavailable } from '../../../src/domain/errors.ts';
import { broadcastTopic } from '../../../src/domain/topics.ts';
import type { FeedsOptions } from '../../../src/feed/feeds.ts';
import type { FeedSubscribeOptions, FeedSubscription, Feeds } from '../../../src/feed/port.ts';
import { eventually } from '../../support/eventually.ts';
import {
  accessEnded,
  conversation,
  createFakeWorld,
  createWorldFeeds,
  delta,
  type FakeWorld,
  finished,
  pull,
  pullSaid,
  say,
  settle,
  started,
  titled,
  toConversation,
} from './fakes.ts';

let world: FakeWorld;
let feeds: Feeds;
let all: Feeds[];

const use = (options: Partial<FeedsOptions> = {}): void => {
  feeds = createWorldFeeds(world, { retryMs: 10, ...options });
  all.push(feeds);
};

beforeEach(() => {
  world = createFakeWorld();
  all = [];
  use();
});

afterEach(async () => {
  for (const one of all) await one.dispose();
  expect(feeds.counts()).toEqual({ topics: 0, subscriptions: 0 });
  expect(world.listenerCount()).toBe(0);
});

const cursor = (seq: number, epoch = 'one', topic: typeof conversation = conversation): string =>
  toCursor({ topic, epoch, seq });
const fromStart = [cursor(0), cursor(0, 'one', broadcastTopic)];

const subscribe = (more: Partial<FeedSubscribeOptions> = {}): Promise<FeedSubscription> =>
  feeds.subscribe(toConversation(more));

const titles = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
const commitTitles = (from: number, to: number): void => {
  for (const title of titles(from, to)) world.commit(titled(title));
};
const sendTitles = (from: number, to: number): void => {
  for (const title of titles(from, to)) world.send(titled(title));
};

/** A pull that has not been served yet. */
const pending = (subscription: FeedSubscription) => {
  const pulled: string[] = [];
  const done = subscription.next().then((step) => {
    pulled.push(step.done ? 'end' : say(step.value));
  });
  return { pulled, done };
};

describe('resuming', () => {
  test('[L5] [L6] gives the replay, then Ready, then what comes live', async () => {
    commitTitles(1, 3);
    const subscription = await subscribe({ after: [cursor(1), cursor(0, 'one', broadcastTopic)] });
    expect(await pullSaid(subscription, 3)).toEqual(['2', '3', 'Ready resumed']);
    sendTitles(4, 4);
    expect(await pullSaid(subscription, 1)).toEqual(['4']);
  });

  test('[L7] without a cursor it is live from Ready, whose cursors say where', async () => {
    commitTitles(1, 3);
    const subscription = await subscribe();
    sendTitles(4, 4);
    const [ready, event] = await pull(subscription, 2);
    expect(ready).toEqual({
      kind: 'ready',
      resumed: false,
      cursors: [
        { topic: conversation, cursor: cursor(3) },
        { topic: broadcastTopic, cursor: cursor(0, 'one', broadcastTopic) },
      ],
    });
    expect(event).toMatchObject({ cursor: cursor(4), topic: conversation });
  });

  test('[L6] a cursor for one of two topics is served, and is no full resume', async () => {
    commitTitles(1, 2);
    const subscription = await subscribe({ after: [cursor(1)] });
    expect(await pullSaid(subscription, 2)).toEqual(['2', 'Ready']);
  });

  test('[L4] what is written while the replay is read comes once, in order', async () => {
    commitTitles(1, 2);
    const subscription = await subscribe({ after: fromStart });
    const release = world.faults.hold('read');
    const first = pending(subscription);
    await eventually(() => world.faults.waiting('read') === 1);
    sendTitles(3, 5);
    release();
    await first.done;
    expect([...first.pulled, ...(await pullSaid(subscription, 5))]).toEqual([
      ...titles(1, 5),
      'Ready resumed',
    ]);
  });

  test('a replay goes on for as many pages as it needs', async () => {
    commitTitles(1, 450);
    const subscription = await subscribe({ after: fromStart });
    const said = await pullSaid(subscription, 300);
    sendTitles(451, 500);
    said.push(...(await pullSaid(subscription, 201)));
    expect(said).toEqual([...titles(1, 500), 'Ready resumed']);
  });

  test('a replay waits while the store is away, and loses nothing', async () => {
    commitTitles(1, 2);
    const subscription = await subscribe({ after: fromStart });
    world.faults.fail('read', 2);
    sendTitles(3, 3);
    expect(await pullSaid(subscription, 4)).toEqual([...titles(1, 3), 'Ready resumed']);
    expect(world.faults.calls('read')).toBeGreaterThanOrEqual(3);
  });

  test('a cursor behind a publish that this node has not heard is not ahead of the store', async () => {
    const other = await subscribe();
    commitTitles(1, 3);
    const subscription = await subscribe({ after: [cursor(3), cursor(0, 'one', broadcastTopic)] });
    expect(await pullSaid(subscription, 1)).toEqual(['Ready resumed']);
    sendTitles(4, 4);
    expect(await pullSaid(subscription, 1)).toEqual(['4']);
    expect(await pullSaid(other, 5)).toEqual(['Ready', ...titles(1, 4)]);
  });
});

describe('a topic that cannot be served in full', () => {
  test('[L4] [L6] a cursor that the store has just said to be the last is not read behind, and nothing after it is lost', async () => {
    commitTitles(1, 3);
    const subscription = await subscribe({ after: [cursor(3), cursor(0, 'one', broadcastTopic)] });
    sendTitles(4, 4);
    expect(await pullSaid(subscription, 2)).toEqual(['Ready resumed', '4']);
    expect(world.faults.calls('read')).toBe(0);
    const another = await subscribe({ after: [cursor(4), cursor(0, 'one', broadcastTopic)] });
    expect(await pullSaid(another, 1)).toEqual(['Ready resumed']);
    expect(world.faults.calls('read')).toBe(2);
  });

  test('[L8] further behind than is replayed: Resync for it, the other is replayed, then it goes on live', async () => {
    use({ replayMax: 3 });
    commitTitles(1, 4);
    world.commitTo(broadcastTopic, titled('b1'));
    const subscription = await subscribe({ after: fromStart });
    const items = await pull(subscription, 3);
    expect(items.map(say)).toEqual(['Resync TOO_FAR_BEHIND', 'b1', 'Ready']);
    expect(items[0]).toMatchObject({ cursors: [{ topic: conversation, cursor: cursor(4) }] });
    sendTitles(5, 5);
    expect(await pullSaid(subscription, 1)).toEqual(['5']);
  });

  test('[L8] exactly as far behind as is replayed is served', async () => {
    use({ replayMax: 3 });
    commitTitles(1, 4);
    const subscription = await subscribe({ after: [cursor(1)] });
    expect(await pullSaid(subscription, 4)).toEqual([...titles(2, 4), 'Ready']);
  });

  test('[L8] a replay that has begun is not broken off because more and more comes', async () => {
    use({ replayMax: 300 });
    commitTitles(1, 300);
    const subscription = await subscribe({ after: fromStart });
    const said = await pullSaid(subscription, 150);
    sendTitles(301, 900);
    said.push(...(await pullSaid(subscription, 751)));
    expect(said).toEqual([...titles(1, 900), 'Ready resumed']);
  });

  test('[L8] trimmed', async () => {
    commitTitles(1, 4);
    world.trim(2);
    const subscription = await subscribe({ after: [cursor(1)] });
    expect(await pullSaid(subscription, 2)).toEqual(['Resync TRIMMED', 'Ready']);
    const whole = await subscribe({ after: [cursor(2)] });
    expect(await pullSaid(whole, 3)).toEqual(['3', '4', 'Ready']);
  });

  test('[L16] [L8] of another epoch', async () => {
    commitTitles(1, 4);
    const subscription = await subscribe({ after: [cursor(1, 'before')] });
    const [resync, ready] = await pull(subscription, 2);
    expect(resync).toMatchObject({ cause: 'EPOCH_CHANGED', cursors: [{ cursor: cursor(4) }] });
    expect(ready).toMatchObject({ kind: 'ready', resumed: false });
  });

  test('[L16] a cursor ahead of the store has seen what was undone', async () => {
    commitTitles(1, 2);
    const subscription = await subscribe({ after: [cursor(9)] });
    expect(await pullSaid(subscription, 2)).toEqual(['Resync EPOCH_CHANGED', 'Ready']);
    sendTitles(3, 3);
    expect(await pullSaid(subscription, 1)).toEqual(['3']);
  });

  test('[L16] a cursor of the newest epoch is good although this node still follows the one before', async () => {
    await subscribe();
    commitTitles(1, 3);
    world.setEpoch('two');
    const subscription = await subscribe({ after: [cursor(1, 'two')] });
    expect(await pullSaid(subscription, 3)).toEqual(['2', '3', 'Ready']);
  });

  test('[L16] an epoch that changes between two pages of a replay gives Resync, and nothing of the new history before it', async () => {
    commitTitles(1, 450);
    const subscription = await subscribe({ after: fromStart });
    const said = await pullSaid(subscription, 200);
    world.restore(100);
    world.setEpoch('two');
    said.push(...(await pullSaid(subscription, 3)));
    expect(said).toEqual([...titles(1, 200), 'Resync EPOCH_CHANGED', 'Resync EPOCH_CHANGED', 'Ready']);
    sendTitles(101, 101);
    expect(await pullSaid(subscription, 1)).toEqual(['101']);
  });

  test('[L16] on a live subscription what waits of the old history gives way to Resync', async () => {
    const subscription = await subscribe();
    expect(await pullSaid(subscription, 1)).toEqual(['Ready']);
    sendTitles(1, 2);
    world.restore(1);
    world.setEpoch('two');
    world.publish(1);
    await settle();
    const [resync] = await pull(subscription, 1);
    expect(resync).toMatchObject({ cause: 'EPOCH_CHANGED', cursors: [{ cursor: cursor(1, 'two') }] });
    sendTitles(2, 2);
    expect(await pullSaid(subscription, 1)).toEqual(['2']);
  });

  test('a Resync that was not pulled gives way to the next one', async () => {
    const subscription = await subscribe();
    await pull(subscription, 1);
    for (const epoch of ['two', 'three']) {
      world.setEpoch(epoch);
      sendTitles(1, 1);
      await settle();
    }
    const [resync] = await pull(subscription, 1);
    expect(resync).toMatchObject({ cursors: [{ cursor: cursor(2, 'three') }] });
    sendTitles(3, 3);
    expect(await pullSaid(subscription, 1)).toEqual(['3']);
  });
});

describe('a slow subscription', () => {
  test('[L17] what ran over is read again from the store, each event once and however much it is', async () => {
    use({ queueMax: 5, replayMax: 10 });
    const subscription = await subscribe();
    const said = await pullSaid(subscription, 1);
    sendTitles(1, 40);
    said.push(...(await pullSaid(subscription, 25)));
    sendTitles(41, 60);
    said.push(...(await pullSaid(subscription, 35)));
    expect(said).toEqual(['Ready', ...titles(1, 60)]);
    expect(world.faults.calls('read')).toBeGreaterThan(0);
    sendTitles(61, 61);
    expect(await pullSaid(subscription, 1)).toEqual(['61']);
  });

  test('[L17] [L7] what ran over before Ready is read again behind it', async () => {
    use({ queueMax: 5 });
    world.commitTo(broadcastTopic, titled('b1'));
    const subscription = await subscribe({ after: [cursor(0, 'one', broadcastTopic)] });
    sendTitles(1, 10);
    const items = await pull(subscription, 12);
    expect(items.map(say)).toEqual(['b1', 'Ready', ...titles(1, 10)]);
    expect(items[1]).toMatchObject({ cursors: [{ cursor: cursor(0) }, {}] });
  });

  test('[L17] [L5] a replay that ran over before Ready is read again before it', async () => {
    use({ queueMax: 3 });
    commitTitles(1, 4);
    const subscription = await subscribe({ after: fromStart });
    const said = await pullSaid(subscription, 2);
    sendTitles(5, 12);
    said.push(...(await pullSaid(subscription, 11)));
    expect(said).toEqual([...titles(1, 12), 'Ready resumed']);
  });

  test('[N4] deltas that wait become one', async () => {
    const subscription = await subscribe();
    world.send(started());
    expect(await pullSaid(subscription, 2)).toEqual(['Ready', 'AnswerStarted']);
    world.hear(delta(0, 'Hel'));
    expect(await pullSaid(subscription, 1)).toEqual(['1@0:Hel']);
    world.hear(delta(3, 'lo'));
    world.hear(delta(5, ', you'));
    world.hear(delta(10, '!'));
    world.send(finished('Hello, you!'));
    // The end carries the whole text: deltas that wait behind it are of no use.
    expect(await pullSaid(subscription, 1)).toEqual(['AnswerFinished']);
    world.send(started('m2'));
    world.hear(delta(0, 'A', { messageId: 'm2', startedSeq: 3 }));
    world.hear(delta(1, 'B', { messageId: 'm2', startedSeq: 3 }));
    expect(await pullSaid(subscription, 2)).toEqual(['AnswerStarted', '1@0:AB']);
  });

  test('[N8] the text goes on where it was when events ran over in between', async () => {
    use({ queueMax: 3 });
    const subscription = await subscribe();
    world.send(started());
    world.hear(delta(0, 'Hel'));
    expect(await pullSaid(subscription, 3)).toEqual(['Ready', 'AnswerStarted', '1@0:Hel']);
    world.hear(delta(3, 'lo'));
    sendTitles(1, 6);
    world.hear(delta(5, '!'));
    expect(await pullSaid(subscription, 7)).toEqual([...titles(1, 6), '1@3:lo!']);
  });
});

describe('the text so far', () => {
  test('[N6] [L5] comes between the replay and Ready, all of it at offset 0', async () => {
    world.commit(started(), titled('t'));
    world.setOpen({ messageId: 'm1', attempt: 2, startedSeq: 1, text: 'Hello' });
    const subscription = await subscribe({ after: fromStart });
    expect(await pullSaid(subscription, 4)).toEqual(['AnswerStarted', 't', '2@0:Hello', 'Ready resumed']);
    world.hear(delta(5, '!', { attempt: 2 }));
    expect(await pullSaid(subscription, 1)).toEqual(['2@5:!']);
  });

  test('an answer that starts before Ready is pulled comes behind it, its text behind its start', async () => {
    const subscription = await subscribe();
    world.send(started());
    world.hear(delta(0, 'Hel'));
    expect(await pullSaid(subscription, 3)).toEqual(['Ready', 'AnswerStarted', '1@0:Hel']);
  });

  test('[L2] is not for subscriptions without deltas', async () => {
    world.commit(started());
    world.setOpen({ messageId: 'm1', attempt: 1, startedSeq: 1, text: 'Hello' });
    const subscription = await subscribe({ deltas: false });
    world.hear(delta(5, '!'));
    sendTitles(2, 2);
    expect(await pullSaid(subscription, 2)).toEqual(['Ready', '2']);
  });

  test('[N8] is told anew after events were passed over', async () => {
    world.commit(started());
    world.setOpen({ messageId: 'm1', attempt: 1, startedSeq: 1, text: 'Hello' });
    const subscription = await subscribe();
    expect(await pullSaid(subscription, 2)).toEqual(['1@0:Hello', 'Ready']);
    world.setEpoch('two');
    world.send(titled());
    expect(await pullSaid(subscription, 2)).toEqual(['Resync EPOCH_CHANGED', '1@0:Hello']);
    world.hear(delta(5, '!'));
    expect(await pullSaid(subscription, 1)).toEqual(['1@5:!']);
  });
});

describe('the end of the right', () => {
  test('[A8] ends the subscription behind what came before it, and is not delivered itself', async () => {
    const [ada, bob] = [await subscribe(), await subscribe({ viewerId: 'bob' })];
    sendTitles(1, 1);
    world.send(accessEnded('ada'));
    sendTitles(3, 3);
    expect(await pullSaid(ada, 9)).toEqual(['Ready', '1']);
    expect(await pullSaid(bob, 3)).toEqual(['Ready', '1', '3']);
    expect(feeds.counts()).toEqual({ topics: 2, subscriptions: 1 });
    world.send(accessEnded(null));
    expect(await pullSaid(bob, 9)).toEqual([]);
  });

  test('[A8] nothing of an answer is delivered that was made after it, however slow the reader', async () => {
    const subscription = await subscribe();
    world.send(started());
    await pull(subscription, 2);
    world.hear(delta(0, 'Hel'));
    world.send(accessEnded('ada'));
    world.hear(delta(3, 'lo'));
    expect(await pullSaid(subscription, 9)).toEqual([]);
  });

  test('[A8] is noticed when it is read again after the queue ran over', async () => {
    use({ queueMax: 2 });
    const subscription = await subscribe();
    await pull(subscription, 1);
    sendTitles(1, 4);
    world.send(accessEnded('ada'));
    sendTitles(6, 6);
    expect(await pullSaid(subscription, 9)).toEqual(titles(1, 4));
  });

  test('one that was undone before the subscription began does not end a replay', async () => {
    world.commit(titled('1'), accessEnded('ada'), titled('3'));
    const subscription = await subscribe({ after: fromStart });
    expect(await pullSaid(subscription, 3)).toEqual(['1', '3', 'Ready resumed']);
  });

  test('[A8] one that passes while the rights are read makes them be read again', async () => {
    let isIn = true;
    let asked = 0;
    const authorize = async (): Promise<void> => {
      asked += 1;
      const wasIn = isIn;
      if (asked === 1) {
        isIn = false;
        world.send(accessEnded('ada'));
        await settle();
      }
      if (!wasIn) throw notFound('conversation');
    };
    await expect(subscribe({ authorize })).rejects.toThrow('conversation');
    expect(asked).toBe(2);
    expect(feeds.counts()).toEqual({ topics: 0, subscriptions: 0 });
  });

  test('[A8] one that a live Resync passed over ends the subscription before anything is delivered', async () => {
    const participants = new Set(['ada']);
    const authorize = async (): Promise<void> => {
      if (!participants.has('ada')) throw notFound('conversation');
    };
    const subscription = await subscribe({ authorize });
    await pull(subscription, 1);
    participants.delete('ada');
    world.commit(accessEnded('ada'), titled());
    world.trim(1);
    world.publish(2);
    await settle();
    expect(await pullSaid(subscription, 9)).toEqual([]);
  });

  test('after a Resync a store that cannot tell the rights is waited for', async () => {
    let failures = 0;
    const authorize = async (): Promise<void> => {
      failures -= 1;
      if (failures >= 0) throw unavailable('away');
    };
    const subscription = await subscribe({ authorize });
    await pull(subscription, 1);
    failures = 2;
    world.setEpoch('two');
    sendTitles(1, 1);
    expect(await pullSaid(subscription, 1)).toEqual(['Resync EPOCH_CHANGED']);
    sendTitles(2, 2);
    expect(await pullSaid(subscription, 1)).toEqual(['2']);
  });

  test('[A8] counts in a new epoch too, where the seqs are lower', async () => {
    commitTitles(1, 9);
    const subscription = await subscribe();
    await pull(subscription, 1);
    world.restore(2);
    world.setEpoch('two');
    world.publish(2);
    expect(await pullSaid(subscription, 1)).toEqual(['Resync EPOCH_CHANGED']);
    world.send(accessEnded('ada'), titled());
    expect(await pullSaid(subscription, 9)).toEqual([]);
  });
});

describe('leaving', () => {
  test('return() settles while idle, and ends the pulls that wait', async () => {
    const subscription = await subscribe();
    await pull(subscription, 1);
    const idle = pending(subscription);
    expect(await subscription.return()).toEqual({ value: undefined, done: true });
    await idle.done;
    expect(idle.pulled).toEqual(['end']);
    expect(await subscription.next()).toEqual({ value: undefined, done: true });
    expect(feeds.counts()).toEqual({ topics: 0, subscriptions: 0 });
    await subscription.return();
  });

  test('return() settles while the store is read, and what comes of it is dropped', async () => {
    commitTitles(1, 3);
    const subscription = await subscribe({ after: fromStart });
    const release = world.faults.hold('read');
    const reading = pending(subscription);
    await eventually(() => world.faults.waiting('read') === 1);
    await subscription.return();
    await reading.done;
    expect(reading.pulled).toEqual(['end']);
    expect(feeds.counts()).toEqual({ topics: 0, subscriptions: 0 });
    release();
    await settle();
    expect(world.faults.calls('read')).toBe(1);
  });

  test('return() settles while a store that is away is waited for', async () => {
    commitTitles(1, 3);
    world.faults.fail('read');
    const subscription = await subscribe({ after: fromStart });
    const reading = pending(subscription);
    await eventually(() => world.faults.calls('read') >= 2);
    await subscription.return();
    await reading.done;
    const calls = world.faults.calls('read');
    await settle();
    expect(world.faults.calls('read')).toBe(calls);
  });
});
