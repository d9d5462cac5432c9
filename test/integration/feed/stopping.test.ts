import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { conversationTopic } from '../../../src/domain/topics.ts';
import { addNode, addUser, ask, checkpoint, claim, finish } from '../../contract/store/world.ts';
import { createRandom } from '../../support/random.ts';
import { createPgliteDatabase, type TestDatabase } from '../../support/stores.ts';
import { createFeedWorld, type FeedWorld } from './feed-world.ts';

let database: TestDatabase;
let world: FeedWorld;

beforeAll(async () => {
  database = await createPgliteDatabase();
  const faults = { drop: 0, double: 0, delay: 0, maxDelayMs: 1 };
  world = await createFeedWorld({
    database,
    random: createRandom(1),
    faults,
    nodes: 1,
    users: 1,
    conversations: 1,
  });
});

afterAll(async () => {
  await world.dispose();
  await database.dispose();
});

describe('an answer whose stop is acknowledged', () => {
  test('[N12] shows nothing to those who come before its producer has ended it', async () => {
    const [node] = world.nodes;
    if (!node) throw new Error('no node');
    const { store, pubsub, feeds } = node;
    const ada = await addUser(store);
    const { answer, conversation } = await ask(store, ada, null);
    const lease = await claim(store, answer.id, await addNode(store));
    await checkpoint(store, lease, 0, 'So far');
    const { id: messageId } = answer;
    const delta = { messageId, conversationId: conversation.id, attempt: 1, startedSeq: lease.startedSeq };
    await pubsub.answerTexts.append({ ...delta, offset: 0, text: 'So far' });
    expect(await store.answers.requestStop(messageId, ada.id)).toMatchObject({
      kind: 'done',
      stopping: true,
    });

    const subscription = await world.subscribe(node, conversationTopic(conversation.id), [], ada.id);
    expect(await subscription.next()).toMatchObject({ value: { kind: 'ready' } });
    // The producer has not heard of it yet.
    await pubsub.answerTexts.append({ ...delta, offset: 6, text: ', so good' });
    feeds.announce((await finish(store, lease, 'So far, so good')).placed);
    expect(await subscription.next()).toMatchObject({ value: { event: { type: 'AnswerStopped' } } });
    await subscription.return();
  });
});
