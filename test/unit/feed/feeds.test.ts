import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { toCursor } from '../../../src/domain/cursor.ts';
import { notFound } from '../../../src/domain/errors.ts';
import type { StoredEvent } from '../../../src/domain/events.ts';
import { broadcastTopic } from '../../../src/domain/topics.ts';
import type { FeedsOptions } from '../../../src/feed/feeds.ts';
import type { Feeds } from '../../../src/feed/port.ts';
import { eventually } from '../../support/eventually.ts';
import {
  conversation,
  createFakeWorld,
  createWorldFeeds,
  delta,
  type FakeWorld,
  finished,
  pullSaid,
  settle,
  started,
  titled,
  toConversation,
} from './fakes.ts';

let world: FakeWorld;
let feeds: Feeds;

const use = (options: Partial<FeedsOptions> = {}): void => {
  feeds = createWorldFeeds(world, options);
};

beforeEach(() => {
  world = createFakeWorld();
});

afterEach(async () => {
  await feeds.dispose();
  expect(world.listenerCount()).toBe(0);
});

/** No subscriber and no feed is left. */
const nobody = { topics: 0, subscriptions: 0 };

describe('the check against the store', () => {
  test('[L14] finds what was lost before the first check', async () => {
    use({ checkEveryMs: 20 });
    const subscription = await feeds.subscribe(toConversation());
    world.commit(titled('1'));
    expect(await pullSaid(subscription, 2)).toEqual(['Ready', '1']);
  });

  test('[L14] finds what is lost later, and reads nothing when nothing changed', async () => {
    use({ checkEveryMs: 20 });
    const subscription = await feeds.subscribe(toConversation());
    await eventually(() => world.faults.calls('changedSince') >= 2);
    expect(world.faults.calls('read')).toBe(0);
    world.commit(titled('1'));
    expect(await pullSaid(subscription, 2)).toEqual(['Ready', '1']);
    const checks = world.faults.calls('changedSince');
    await eventually(() => world.faults.calls('changedSince') >= checks + 3);
    expect(world.faults.calls('read')).toBe(1);
  });

  test('[L14] tells a feed that was being opened at that moment', async () => {
    use();
    world.comeUp();
    await eventually(() => world.faults.calls('changedSince') === 1);
    const release = world.faults.hold('openIn');
    const subscribing = feeds.subscribe(toConversation());
    await eventually(() => world.faults.waiting('openIn') === 1);
    world.commit(titled('1'));
    world.comeUp();
    await eventually(() => world.faults.calls('changedSince') === 2);
    await settle();
    const releaseRead = world.faults.hold('read');
    release();
    const subscription = await subscribing;
    releaseRead();
    expect(await pullSaid(subscription, 2)).toEqual(['Ready', '1']);
  });

  test('[L14] asks once more when the link comes back while an older answer is on its way', async () => {
    use();
    const subscription = await feeds.subscribe(toConversation());
    world.comeUp();
    await eventually(() => world.faults.calls('changedSince') === 1);
    const release = world.faults.hold('changedSince');
    world.comeUp();
    await eventually(() => world.faults.waiting('changedSince') === 1);
    world.commit(titled('1'));
    world.comeUp();
    release();
    expect(await pullSaid(subscription, 2)).toEqual(['Ready', '1']);
  });

  test('[L14] comes back to a feed that could not read what it was told of', async () => {
    use({ checkEveryMs: 20 });
    const subscription = await feeds.subscribe(toConversation());
    await eventually(() => world.faults.calls('changedSince') >= 2);
    world.faults.fail('read', 2);
    world.commit(titled('1'));
    expect(await pullSaid(subscription, 2)).toEqual(['Ready', '1']);
  });

  test('[L16] finds a new epoch that nobody spoke of', async () => {
    use({ checkEveryMs: 20 });
    const subscription = await feeds.subscribe(toConversation());
    expect(await pullSaid(subscription, 1)).toEqual(['Ready']);
    world.setEpoch('two');
    expect(await pullSaid(subscription, 2)).toEqual(['Resync EPOCH_CHANGED', 'Resync EPOCH_CHANGED']);
  });

  test('[L16] a store that lost what was delivered gets a new epoch, also when that fails at first', async () => {
    use({ checkEveryMs: 20 });
    const subscription = await feeds.subscribe(toConversation());
    world.send(titled('1'), titled('2'));
    expect(await pullSaid(subscription, 3)).toEqual(['Ready', '1', '2']);
    world.faults.fail('rotateEpoch', 2);
    world.restore(0);
    world.commit(titled('other'));
    expect(await pullSaid(subscription, 2)).toEqual(['Resync EPOCH_CHANGED', 'Resync EPOCH_CHANGED']);
    expect(await world.store.log.epoch()).toBe("one'");
  });
});

describe('subscribing', () => {
  beforeEach(() => use());

  test('[L9] bad cursors are refused before anything is opened', async () => {
    const mine = toCursor({ topic: conversation, epoch: 'one', seq: 0 });
    const others = toCursor({ topic: 'conversation:c2', epoch: 'one', seq: 0 });
    for (const after of [['?'], [''], [others], [mine, mine]]) {
      await expect(feeds.subscribe(toConversation({ after }))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    }
    expect(world.faults.calls('state')).toBe(0);
    expect(feeds.counts()).toEqual(nobody);
  });

  test('a refusal, and a topic that cannot be opened, leave nothing behind', async () => {
    const authorize = async () => {
      throw notFound('conversation');
    };
    await expect(feeds.subscribe(toConversation({ authorize }))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(feeds.counts()).toEqual(nobody);
    // The second topic.
    const release = world.faults.hold('state');
    const subscribing = feeds.subscribe(toConversation());
    await eventually(() => world.faults.waiting('state') === 1);
    world.faults.fail('state', 1);
    release();
    await expect(subscribing).rejects.toThrow('state fails');
    expect(feeds.counts()).toEqual(nobody);
    expect(world.listenerCount()).toBe(0);
  });

  test('subscribers of a topic share its feed, which is closed with the last', async () => {
    const all = await Promise.all([1, 2, 3].map(() => feeds.subscribe(toConversation())));
    expect(feeds.counts()).toEqual({ topics: 2, subscriptions: 3 });
    expect(world.listenerCount()).toBe(2);
    expect(world.faults.calls('state')).toBe(2);
    for (const one of all) await one.return();
    expect(feeds.counts()).toEqual(nobody);
    expect(world.listenerCount()).toBe(0);
  });
});

describe('announcing', () => {
  beforeEach(() => use());

  test('[L3] reaches subscribers here without pub/sub, whose echo is dropped', async () => {
    const subscription = await feeds.subscribe(toConversation());
    const event = titled('1');
    const seq = world.commit(event);
    feeds.announce([{ topic: conversation, seq, event }]);
    world.publish(seq);
    world.send(titled('2'));
    expect(await pullSaid(subscription, 3)).toEqual(['Ready', '1', '2']);
  });

  test('[S5] deltas reach subscribers here without pub/sub, and none after a stop', async () => {
    const subscription = await feeds.subscribe(toConversation());
    world.send(started());
    const first = delta(0, 'Hel');
    const second = delta(3, 'lo');
    if (first.kind === 'delta') feeds.acceptDelta(first.delta);
    expect(await pullSaid(subscription, 3)).toEqual(['Ready', 'AnswerStarted', '1@0:Hel']);
    feeds.announceStopping('c1', 'm1');
    if (second.kind === 'delta') feeds.acceptDelta(second.delta);
    world.send(titled('3'));
    expect(await pullSaid(subscription, 1)).toEqual(['3']);
  });
});

describe('watching', () => {
  const watch = async () => {
    const seen: (string | readonly string[])[] = [];
    const { stop } = await feeds.watch(conversation, {
      onAnswers: (messageIds) => seen.push(messageIds),
      onEvent: ({ type }: StoredEvent) => seen.push(type),
    });
    return { seen, stop };
  };

  beforeEach(() => use());

  test('begins with the answers in progress and goes on with the events', async () => {
    world.commit(started());
    world.setOpen({ messageId: 'm1', attempt: 1, startedSeq: 1, text: '' });
    const { seen, stop } = await watch();
    expect(seen).toEqual([['m1']]);
    world.send(finished(''));
    expect(seen).toEqual([['m1'], 'AnswerFinished']);
    stop();
    stop();
    expect(feeds.counts()).toEqual(nobody);
  });

  test('[T3] tells the answers in progress again when events were passed over', async () => {
    world.commit(started());
    world.setOpen({ messageId: 'm1', attempt: 1, startedSeq: 1, text: '' });
    const { seen, stop } = await watch();
    world.commit(finished(''), titled());
    world.setOpen();
    world.trim(2);
    world.publish(3);
    await eventually(() => seen.length === 2);
    expect(seen).toEqual([['m1'], []]);
    stop();
  });
});

describe('disposing', () => {
  beforeEach(() => use());

  test('ends subscriptions, refuses new ones, and closes what is still being opened', async () => {
    const subscription = await feeds.subscribe(toConversation());
    const release = world.faults.hold('state');
    const opening = feeds.subscribe(toConversation({ topics: ['user:ada', broadcastTopic] }));
    await eventually(() => world.faults.waiting('state') === 1);
    const disposing = feeds.dispose();
    expect(feeds.dispose()).toBe(disposing);
    await disposing;
    expect(await pullSaid(subscription, 9)).toEqual([]);
    await expect(feeds.subscribe(toConversation())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    release();
    await expect(opening).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(feeds.counts()).toEqual(nobody);
    expect(world.listenerCount()).toBe(0);
  });

  test('a subscription whose rights are still being read is refused', async () => {
    let confirm = (): void => {};
    const authorize = () =>
      new Promise<void>((resolve) => {
        confirm = resolve;
      });
    const subscribing = feeds.subscribe(toConversation({ authorize }));
    await eventually(() => feeds.counts().topics === 2);
    await settle();
    await feeds.dispose();
    confirm();
    await expect(subscribing).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(feeds.counts()).toEqual(nobody);
  });

  test('asks the store nothing any more', async () => {
    await feeds.dispose();
    world.comeUp();
    await settle();
    expect(world.faults.calls('changedSince')).toBe(0);
  });
});
