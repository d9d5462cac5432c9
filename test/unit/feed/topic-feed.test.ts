import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PassedEvent } from '../../../src/feed/items.ts';
import type { Progress } from '../../../src/feed/progress.ts';
import { openTopicFeed, type TopicFeed } from '../../../src/feed/topic-feed.ts';
import { silentLog } from '../../../src/util/log.ts';
import { eventually } from '../../support/eventually.ts';
import {
  conversation,
  createFakeWorld,
  delta,
  type FakeWorld,
  finished,
  settle,
  started,
  titled,
} from './fakes.ts';

let world: FakeWorld;
let feeds: TopicFeed[];
let lost: string[];

beforeEach(() => {
  world = createFakeWorld();
  feeds = [];
  lost = [];
});

afterEach(() => {
  for (const feed of feeds) feed.close();
  expect(world.listenerCount()).toBe(0);
});

const open = async (): Promise<TopicFeed> => {
  const feed = await openTopicFeed({
    topic: conversation,
    store: world.store,
    pubsub: world.pubsub,
    log: silentLog,
    holdMs: 5,
    onHistoryLost: (epoch) => lost.push(epoch),
  });
  feeds.push(feed);
  return feed;
};

/** What a reader hears, in order. */
const listen = (feed: TopicFeed) => {
  const heard: string[] = [];
  const stop = feed.attach({
    onEvent: ({ seq, event }: PassedEvent) => heard.push(`${seq} ${event.type}`),
    onProgress: ({ attempt, text }: Progress) => heard.push(`${attempt}:${text}`),
    onResync: (cause, { epoch, seq }) => heard.push(`${cause} ${epoch} ${seq}`),
    onReloaded: () => heard.push('reloaded'),
  });
  return { heard, stop };
};

const generating = (more: object = {}) => ({ messageId: 'm1', attempt: 1, startedSeq: 1, text: '', ...more });

describe('opening a feed', () => {
  test('[L4] what is published between hearing and reading the position passes once', async () => {
    world.commit(titled());
    const release = world.faults.hold('state');
    const opening = open();
    await eventually(() => world.faults.waiting('state') === 1);
    world.publish(1);
    world.send(titled());
    release();
    const feed = await opening;
    expect(feed.position).toBe(2);
  });

  test('a failing store leaves nothing behind', async () => {
    world.faults.fail('openIn');
    await expect(open()).rejects.toThrow('openIn fails');
  });

  test('an answer that ends while the open ones are read is not in progress', async () => {
    world.commit(started());
    world.setOpen(generating({ text: 'Hello' }));
    const release = world.faults.hold('openIn');
    const opening = open();
    await eventually(() => world.faults.waiting('openIn') === 1);
    world.send(finished('Hello'));
    release();
    expect((await opening).progress()).toEqual([]);
  });

  test('the shared text is shown rather than the older checkpoint, and the checkpoint when there is none', async () => {
    world.commit(started());
    world.setOpen(generating({ text: 'Hel' }));
    expect((await open()).progress()).toMatchObject([{ text: 'Hel' }]);
    world.sharedTexts.set('m1', { attempt: 1, text: 'Hello' });
    expect((await open()).progress()).toMatchObject([{ text: 'Hello' }]);
    world.faults.fail('readText');
    expect((await open()).progress()).toMatchObject([{ text: 'Hel' }]);
  });
});

describe('the order of a feed', () => {
  test('[L14] a late event is held until those before it came', async () => {
    const feed = await open();
    const { heard } = listen(feed);
    world.commit(titled(), titled(), titled());
    world.publish(3);
    world.publish(2);
    expect(heard).toEqual([]);
    world.publish(1);
    world.publish(2);
    expect(heard).toEqual(['1 ConversationUpdated', '2 ConversationUpdated', '3 ConversationUpdated']);
    expect(world.faults.calls('read')).toBe(0);
  });

  test('[L14] a lost publish is read from the store once the next event came', async () => {
    const feed = await open();
    const { heard } = listen(feed);
    world.commit(titled(), titled());
    world.publish(2);
    await eventually(() => heard.length === 2);
    expect(feed.position).toBe(2);
    expect(feed.isBehind).toBe(false);
  });

  test('[L14] an event that comes while an older state of the store is read is read too', async () => {
    const feed = await open();
    const { heard } = listen(feed);
    world.commit(titled());
    const release = world.faults.hold('read');
    void feed.checkAgainst('one', 1);
    await eventually(() => world.faults.waiting('read') === 1);
    world.commit(titled(), titled());
    world.publish(3);
    void feed.checkAgainst('one', 3);
    release();
    await eventually(() => heard.length === 3);
  });

  test('an empty page that is older than a held event does not undo the event', async () => {
    const feed = await open();
    const { heard } = listen(feed);
    const release = world.faults.hold('read');
    void feed.checkAgainst('one', 1);
    await eventually(() => world.faults.waiting('read') === 1);
    world.commit(titled(), titled());
    world.publish(2);
    // The pause of the held event ends while the old page is still on its way.
    await eventually(() => feed.isBehind && world.faults.calls('read') === 1);
    await settle();
    release();
    await eventually(() => heard.length === 2, { timeoutMs: 1_000 });
  });

  test('a read that failed leaves the feed behind until it is checked again', async () => {
    const feed = await open();
    const { heard } = listen(feed);
    world.commit(titled(), titled());
    world.faults.fail('read', 1);
    world.publish(2);
    await eventually(() => world.faults.calls('read') === 1);
    await settle();
    expect(feed.isBehind).toBe(true);
    void feed.checkAgainst('one', feed.position);
    await eventually(() => heard.length === 2);
    expect(feed.isBehind).toBe(false);
  });

  test('a delta of an answer whose AnswerStarted was lost makes it be read', async () => {
    const feed = await open();
    const { heard } = listen(feed);
    world.commit(started());
    world.hear(delta(0, 'Hel'));
    expect(heard).toEqual([]);
    await eventually(() => heard.length === 2);
    expect(heard).toEqual(['1 AnswerStarted', '1:Hel']);
  });
});

describe('a feed whose history changes', () => {
  test('[L16] another epoch is a resync at where the store stands', async () => {
    const feed = await open();
    world.send(titled(), titled());
    const { heard } = listen(feed);
    world.restore(1);
    world.setEpoch('two');
    world.publish(1);
    await eventually(() => heard.length === 2);
    expect(heard).toEqual(['EPOCH_CHANGED two 1', 'reloaded']);
    world.send(titled());
    expect(heard.at(-1)).toBe('2 ConversationUpdated');
  });

  test('[L8] what was trimmed before it was read is a resync', async () => {
    const feed = await open();
    const { heard } = listen(feed);
    world.commit(titled(), titled(), titled());
    world.trim(2);
    world.publish(3);
    await eventually(() => heard.length === 2);
    expect(heard).toEqual(['TRIMMED one 3', 'reloaded']);
  });

  test('[L16] a store that stands below what was delivered has lost it, until its epoch is another', async () => {
    const feed = await open();
    world.send(titled(), titled());
    world.restore(1);
    void feed.checkAgainst('one', 1);
    await eventually(() => lost.length === 1);
    await eventually(() => feed.isBehind);
    void feed.checkAgainst('one', feed.position);
    await eventually(() => lost.length === 2);
    const { heard } = listen(feed);
    world.setEpoch('two');
    void feed.checkAgainst('two', 1);
    await eventually(() => heard.length === 2);
    expect(feed.isBehind).toBe(false);
  });

  test('[N2] an answer whose end was passed over is in progress no more, and one that began is', async () => {
    world.commit(started());
    world.setOpen(generating({ text: 'Hel' }));
    const feed = await open();
    const { heard } = listen(feed);
    world.commit(finished('Hello'), titled(), started('m2'), titled());
    world.setOpen(generating({ messageId: 'm2', startedSeq: 4 }));
    world.sharedTexts.set('m2', { attempt: 1, text: 'So' });
    world.trim(4);
    world.publish(5);
    await eventually(() => heard.includes('reloaded'));
    expect(heard).toEqual(['TRIMMED one 5', '1:So', 'reloaded']);
    expect(feed.progress()).toMatchObject([{ messageId: 'm2', text: 'So' }]);
    world.hear(delta(3, 'lo'));
    world.hear(delta(2, ' it', { messageId: 'm2', startedSeq: 4 }));
    expect(heard.slice(3)).toEqual(['1:So it']);
  });

  test('an answer that ends while the open ones are read again is in progress no more', async () => {
    const feed = await open();
    world.commit(started(), titled());
    world.setOpen(generating());
    world.trim(1);
    const release = world.faults.hold('openIn');
    world.publish(2);
    await eventually(() => world.faults.waiting('openIn') === 1);
    world.send(finished(''));
    release();
    await eventually(() => !feed.isBehind);
    expect(feed.progress()).toEqual([]);
  });

  test('answers that could not be read again are read by the next check', async () => {
    const feed = await open();
    const { heard } = listen(feed);
    world.commit(started(), titled());
    world.setOpen(generating({ text: 'Hel' }));
    world.trim(1);
    world.faults.fail('openIn', 1);
    world.publish(2);
    await eventually(() => world.faults.calls('openIn') === 2);
    await settle();
    expect(feed.isBehind).toBe(true);
    void feed.checkAgainst('one', 2);
    await eventually(() => heard.includes('reloaded'));
    expect(feed.progress()).toMatchObject([{ text: 'Hel' }]);
  });
});

describe('the text of an answer', () => {
  const begin = async () => {
    const feed = await open();
    world.send(started());
    return { feed, ...listen(feed) };
  };

  test('[N4] grows by deltas, whose echoes tell nothing', async () => {
    const { heard } = await begin();
    world.hear(delta(0, 'Hel'));
    world.hear(delta(0, 'Hel'));
    world.hear(delta(3, 'lo'));
    expect(heard).toEqual(['1:Hel', '1:Hello']);
  });

  test('a delta that came before its AnswerStarted is told behind it', async () => {
    const feed = await open();
    const { heard } = listen(feed);
    const seq = world.commit(started());
    world.hear(delta(0, 'Hel'));
    world.publish(seq);
    expect(heard).toEqual(['1 AnswerStarted', '1:Hel']);
  });

  test('[N8] a gap in the offsets makes the text be read again', async () => {
    const { heard } = await begin();
    world.hear(delta(0, 'Hel'));
    world.sharedTexts.set('m1', { attempt: 1, text: 'Hello!' });
    world.hear(delta(5, '!'));
    await eventually(() => heard.length === 2);
    expect(heard).toEqual(['1:Hel', '1:Hello!']);
  });

  test('a delta that shows a gap while an older text is read makes it be read once more', async () => {
    const { heard } = await begin();
    world.sharedTexts.set('m1', { attempt: 1, text: 'Hel' });
    const release = world.faults.hold('readText');
    world.hear(delta(2, 'l'));
    await eventually(() => world.faults.waiting('readText') === 1);
    world.sharedTexts.set('m1', { attempt: 1, text: 'Hello!' });
    world.hear(delta(5, '!'));
    release();
    await eventually(() => heard.includes('1:Hello!'), { timeoutMs: 1_000 });
  });

  test('while the shared text is away the checkpoint is read', async () => {
    const { heard } = await begin();
    world.faults.fail('readText');
    world.setOpen(generating({ text: 'Hello' }));
    world.hear(delta(7, '!'));
    await eventually(() => heard.length === 1);
    expect(heard).toEqual(['1:Hello']);
  });

  test('[N7] a higher attempt begins anew, and the lower one is dropped from then on', async () => {
    const { heard } = await begin();
    world.hear(delta(0, 'Hel'));
    world.hear(delta(0, 'Good', { attempt: 2 }));
    world.hear(delta(3, 'lo'));
    expect(heard).toEqual(['1:Hel', '2:Good']);
  });

  test('[N12] [N2] nothing is told once it is being stopped, and nothing after the end', async () => {
    const { heard, feed } = await begin();
    world.hear(delta(0, 'Hel'));
    world.hear({ kind: 'stopping', messageId: 'm1' });
    world.hear(delta(3, 'lo'));
    expect(heard).toEqual(['1:Hel']);
    expect(feed.progress()).toMatchObject([{ isStopping: true }]);
    world.send(finished('Hello'));
    world.hear(delta(5, '!'));
    expect(heard.slice(1)).toEqual(['2 AnswerFinished']);
    expect(feed.progress()).toEqual([]);
  });
});

describe('a closed feed', () => {
  test('hears, reads and tells nothing any more', async () => {
    const feed = await open();
    const { heard } = listen(feed);
    world.commit(started(), titled());
    const release = world.faults.hold('read');
    void feed.checkAgainst('one', 1);
    await eventually(() => world.faults.waiting('read') === 1);
    feed.close();
    world.publish(1);
    void feed.checkAgainst('one', 2);
    release();
    await settle();
    expect(heard).toEqual([]);
    expect(world.faults.calls('read')).toBe(1);
  });
});
