import { describe, expect, test } from '@jest/globals';
import { toFailure } from '../../../src/domain/answer.ts';
import { conversationTopic, userTopic } from '../../../src/domain/topics.ts';
import type { SharedText } from '../../../src/store/port.ts';
import { newId } from '../../../src/util/id.ts';
import {
  addConversation,
  addNode,
  addUser,
  ask,
  askAndFinish,
  beat,
  checkpoint,
  claim,
  claimable,
  expectKind,
  finish,
  type GetWorld,
  placedIn,
  readTopic,
  send,
  typesOf,
} from './world.ts';

export const answersContract = (world: GetWorld) => {
  const begin = async () => {
    const { store } = world();
    const ada = await addUser(store);
    const sent = await ask(store, ada, null);
    const node = await addNode(store);
    const lease = await claim(store, sent.answer.id, node);
    return { store, ada, node, lease, ...sent, topic: conversationTopic(sent.conversation.id) };
  };

  const closeUnmade = (messageId: string, maxAttempts: number, shared: SharedText | null = null) =>
    world().store.answers.closeUnmade({ messageId, maxAttempts, shared });

  describe('claiming an answer', () => {
    test('the first claim begins it and announces that once', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { message, answer, conversation } = await ask(store, ada, null);
      const { result, placed } = await store.answers.claim(answer.id, await addNode(store), 3);
      const topic = conversationTopic(conversation.id);
      const events = await readTopic(store, topic);
      expect(events.at(-1)).toMatchObject({ type: 'AnswerStarted', messageId: answer.id });
      expect(placedIn(placed, userTopic(ada.id))).toEqual(events.slice(-1));
      expect(result).toEqual({
        messageId: answer.id,
        conversationId: conversation.id,
        inReplyTo: message.id,
        askedBy: ada.id,
        attempt: 1,
        generation: 1,
        startedSeq: events.length,
        startedAt: events.at(-1)?.at,
      });
      expect(await store.messages.find(answer.id, ada.id)).toMatchObject({
        answer: { state: 'GENERATING', attempt: 1, startedAt: result?.startedAt },
      });
    });

    test('of many nodes one gets it', async () => {
      const { store, other } = world();
      const ada = await addUser(store);
      const { answer, conversation } = await ask(store, ada, null);
      const nodes = await Promise.all(Array.from({ length: 6 }, () => addNode(store)));
      const claims = await Promise.all(
        nodes.map((node, index) => (index % 2 ? store : other).answers.claim(answer.id, node, 3)),
      );
      expect(claims.filter(({ result }) => result !== null)).toHaveLength(1);
      const types = typesOf(await readTopic(store, conversationTopic(conversation.id)));
      expect(types.filter((type) => type === 'AnswerStarted')).toHaveLength(1);
    });

    test('answers of one conversation are made one after the other, in order', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { answer: first, conversation } = await ask(store, ada, null);
      const { answer: second } = await ask(store, ada, conversation.id);
      const node = await addNode(store);
      expect(await claimable(store)).toContain(first.id);
      expect(await claimable(store)).not.toContain(second.id);
      expect((await store.answers.claim(second.id, node, 3)).result).toBeNull();
      const lease = await claim(store, first.id, node);
      expect(await claimable(store)).not.toContain(second.id);
      expect((await store.answers.claim(second.id, node, 3)).result).toBeNull();
      await finish(store, lease, 'So.');
      expect(await claimable(store)).toContain(second.id);
      await claim(store, second.id, node);
    });

    test('what is no answer cannot be claimed', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { message } = await send(store, ada, null);
      for (const id of [message.id, newId(), 'nonsense']) {
        expect(await store.answers.claim(id, 'node', 3)).toEqual({
          result: null,
          isUnmade: false,
          placed: [],
        });
      }
    });

    test('after its holder’s lease ended another node makes it anew, without an event', async () => {
      const { store, lease, node, answer, ada, topic } = await begin();
      await checkpoint(store, lease, 0, 'A group');
      await store.nodes.end(node);
      const before = await readTopic(store, topic);
      const { result, placed } = await store.answers.claim(answer.id, await addNode(store), 3);
      expect(result).toEqual({ ...lease, attempt: 2, generation: 2 });
      expect(placed).toEqual([]);
      expect(await readTopic(store, topic)).toEqual(before);
      expect(await store.messages.find(answer.id, ada.id)).toMatchObject({
        text: '',
        answer: { attempt: 2 },
      });
    });

    test('with all attempts used up it fails, and what was made of it stays', async () => {
      const { store, lease, node, answer, ada, topic } = await begin();
      await checkpoint(store, lease, 0, 'A group');
      expect((await closeUnmade(answer.id, 1)).result).toEqual({ closed: false });
      await store.nodes.end(node);
      const claimed = await store.answers.claim(answer.id, await addNode(store), 1);
      expect(claimed).toEqual({ result: null, isUnmade: true, placed: [] });
      expect((await closeUnmade(answer.id, 2)).result).toEqual({ closed: false });
      const { placed } = await closeUnmade(answer.id, 1);
      const failure = toFailure('ATTEMPTS_EXHAUSTED');
      expect(placedIn(placed, topic)).toMatchObject([
        { type: 'AnswerFailed', messageId: answer.id, text: 'A group', failure },
      ]);
      expect(await store.messages.find(answer.id, ada.id)).toMatchObject({
        text: 'A group',
        answer: { state: 'FAILED', failure },
      });
      expect(await closeUnmade(answer.id, 1)).toEqual({ result: { closed: false }, placed: [] });
    });

    test('[N20] it ends with the shared text, if that is of the last attempt and goes on where the checkpoint ends', async () => {
      const failure = toFailure('ATTEMPTS_EXHAUSTED');
      for (const [shared, text] of [
        [{ attempt: 2, text: 'A group is' }, 'A group is'],
        [{ attempt: 2, text: 'A gr' }, 'A group'],
        [{ attempt: 2, text: 'of another beginning' }, 'A group'],
        [{ attempt: 1, text: 'A group of an older attempt' }, 'A group'],
        [null, 'A group'],
      ] as const) {
        const { store, node, answer, ada, topic } = await begin();
        await store.nodes.end(node);
        const last = await addNode(store);
        await checkpoint(store, await claim(store, answer.id, last), 0, 'A group');
        await store.nodes.end(last);
        const { placed } = await closeUnmade(answer.id, 2, shared);
        expect(placedIn(placed, topic)).toMatchObject([{ type: 'AnswerFailed', text, failure }]);
        expect(await store.messages.find(answer.id, ada.id)).toMatchObject({ text });
      }
    });

    test('[N18] attempts that are handed over are not counted, however many, and each is a new one', async () => {
      const { store, lease, answer } = await begin();
      let last = lease;
      for (let round = 1; round <= 5; round += 1) {
        await store.answers.release([last], { handedOver: true });
        // Given back once more, because nobody knew whether it had arrived.
        await store.answers.release([last], { handedOver: true });
        const { result } = await store.answers.claim(answer.id, await addNode(store), 1);
        expect(result).toMatchObject({ attempt: round + 1 });
        if (result) last = result;
      }
      await store.answers.release([lease], { handedOver: true });
      expect((await finish(store, last, 'So.')).result).toEqual({ closed: true });
    });

    test('[N18] attempts that are lost are counted, those right after a handover and between two as well', async () => {
      const { store, lease, node, answer } = await begin();
      const claimBy = async (id: string) => (await store.answers.claim(answer.id, id, 2)).result;
      const closed = async () => (await closeUnmade(answer.id, 2)).result.closed;
      await store.answers.release([lease], { handedOver: true });
      const second = await addNode(store);
      expect(await claimBy(second)).toMatchObject({ attempt: 2 });
      await store.nodes.end(second);
      const third = await claimBy(node);
      expect(third).toMatchObject({ attempt: 3 });
      await store.answers.release(third ? [third] : [], { handedOver: true });
      const last = await addNode(store);
      expect(await claimBy(last)).toMatchObject({ attempt: 4 });
      expect(await closed()).toBe(false);
      await store.nodes.end(last);
      expect(await claimBy(node)).toBeNull();
      expect(await closed()).toBe(true);
    });

    test('[N18] one given back because it stood still is counted', async () => {
      const { store, lease, node, answer } = await begin();
      await store.answers.release([lease], { handedOver: false });
      expect(await store.answers.claim(answer.id, node, 1)).toMatchObject({ result: null, isUnmade: true });
      expect((await closeUnmade(answer.id, 1)).result).toEqual({ closed: true });
    });

    test('with a stop requested and its holder dead it is stopped instead', async () => {
      const { store, lease, node, answer, ada, topic } = await begin();
      await checkpoint(store, lease, 0, 'A group');
      expect(expectKind(await store.answers.requestStop(answer.id, ada.id), 'done').stopping).toBe(true);
      await store.nodes.end(node);
      expect(await claimable(store)).toContain(answer.id);
      const claimed = await store.answers.claim(answer.id, await addNode(store), 3);
      expect(claimed).toEqual({ result: null, isUnmade: true, placed: [] });
      const { placed } = await closeUnmade(answer.id, 3);
      expect(placedIn(placed, topic)).toMatchObject([{ type: 'AnswerStopped', text: 'A group' }]);
    });

    test('a released one can be claimed at once, and its giver writes nothing more', async () => {
      const { store, lease, node, answer, topic } = await begin();
      await checkpoint(store, lease, 0, 'A group');
      await store.answers.release([lease], { handedOver: true });
      expect((await beat(store, node)).held).toEqual([]);
      expect(await claimable(store, { orphans: false })).toContain(answer.id);
      await checkpoint(store, lease, 7, ' is');
      expect((await finish(store, lease, 'A group is')).result).toEqual({ closed: false });
      const next = await claim(store, answer.id, await addNode(store));
      expect(next.attempt).toBe(2);
      expect(next.generation).toBeGreaterThan(lease.generation);
      expect(typesOf(await readTopic(store, topic))).not.toContain('AnswerFinished');
    });
  });

  describe('making an answer', () => {
    test('checkpoints add up, in this attempt only', async () => {
      const { store, lease, node, answer, conversation } = await begin();
      const open = (text: string, attempt = 1) => [
        { messageId: answer.id, attempt, startedSeq: lease.startedSeq, text },
      ];
      expect(await store.answers.openIn(conversation.id)).toEqual(open(''));
      await checkpoint(store, lease, 0, 'A 𝔾');
      await checkpoint(store, lease, 4, 'roup');
      // Written once more, because nobody knew whether it had arrived.
      await checkpoint(store, lease, 4, 'roup is');
      expect(await store.answers.openIn(conversation.id)).toEqual(open('A 𝔾roup is'));
      await store.nodes.end(node);
      const next = await claim(store, answer.id, await addNode(store));
      await checkpoint(store, lease, 11, ' stale');
      await checkpoint(store, { ...next, attempt: 1 }, 0, 'of another attempt');
      expect(await store.answers.openIn(conversation.id)).toEqual(open('', 2));
      await checkpoint(store, next, 0, 'Again');
      expect(await store.answers.openIn(conversation.id)).toEqual(open('Again', 2));
      expect(await store.answers.openIn(newId())).toEqual([]);
    });

    test('one statement writes the checkpoints of many answers', async () => {
      const one = await begin();
      const two = await begin();
      await one.store.answers.checkpoint([
        { messageId: one.answer.id, generation: 1, attempt: 1, offset: 0, text: 'one' },
        { messageId: two.answer.id, generation: 1, attempt: 1, offset: 0, text: 'two' },
        { messageId: newId(), generation: 1, attempt: 1, offset: 0, text: 'nobody’s' },
      ]);
      await one.store.answers.checkpoint([]);
      expect(await one.store.answers.openIn(one.conversation.id)).toMatchObject([{ text: 'one' }]);
      expect(await one.store.answers.openIn(two.conversation.id)).toMatchObject([{ text: 'two' }]);
    });

    test('it ends once, in one state, with its text, its tokens and one event', async () => {
      const { store, lease, answer, ada, topic, conversation } = await begin();
      await checkpoint(store, lease, 0, 'A gr');
      const { result, placed } = await finish(store, lease, 'A group is a set.');
      expect(result).toEqual({ closed: true });
      expect(placedIn(placed, topic)).toMatchObject([
        {
          type: 'AnswerFinished',
          conversationId: conversation.id,
          messageId: answer.id,
          text: 'A group is a set.',
        },
      ]);
      const closed = await store.messages.find(answer.id, ada.id);
      expect(closed).toMatchObject({
        text: 'A group is a set.',
        answer: {
          state: 'FINISHED',
          failure: null,
          usage: { inputTokens: 7, outputTokens: 11 },
          closedAt: placed[0]?.event.at,
        },
      });
      for (const state of ['FINISHED', 'STOPPED', 'FAILED'] as const) {
        const failure = state === 'FAILED' ? toFailure('INTERNAL') : null;
        const closing = { ...lease, state, text: 'Else', failure, usage: null };
        expect(await store.answers.close(closing)).toEqual({ result: { closed: false }, placed: [] });
      }
      await checkpoint(store, lease, 4, 'oup');
      expect((await store.answers.claim(answer.id, 'node', 3)).result).toBeNull();
      expect(await store.messages.find(answer.id, ada.id)).toEqual(closed);
      expect(await store.answers.openIn(conversation.id)).toEqual([]);
      const chunks = await world().database.sql.query('select from answer_chunks where message_id = $1', [
        answer.id,
      ]);
      expect(chunks).toEqual([]);
    });

    test('a failure keeps the partial text and says why', async () => {
      const { store, lease, answer, ada, topic } = await begin();
      const failure = toFailure('TUTOR_INTERRUPTED');
      const closing = { ...lease, state: 'FAILED', text: 'A gr', failure, usage: null } as const;
      const { placed } = await store.answers.close(closing);
      expect(placedIn(placed, topic)).toMatchObject([{ type: 'AnswerFailed', text: 'A gr', failure }]);
      expect(await store.messages.find(answer.id, ada.id)).toMatchObject({
        text: 'A gr',
        answer: { state: 'FAILED', failure },
      });
    });

    test('a holder of an older generation writes nothing', async () => {
      const { store, lease, node, answer, ada } = await begin();
      await store.nodes.end(node);
      const other = await addNode(store);
      const next = await claim(store, answer.id, other);
      expect(await finish(store, lease, 'stale')).toEqual({ result: { closed: false }, placed: [] });
      expect((await beat(store, node)).held).toEqual([]);
      expect((await beat(store, other)).held).toMatchObject([{ generation: next.generation }]);
      expect((await finish(store, next, 'new')).result).toEqual({ closed: true });
      expect((await beat(store, other)).held).toEqual([]);
      expect(await store.messages.find(answer.id, ada.id)).toMatchObject({ text: 'new' });
    });

    test('a node learns of all that it holds', async () => {
      const { store, lease, node } = await begin();
      const { messageId } = lease;
      expect((await beat(store, node)).held).toEqual([{ messageId, generation: 1, isStopping: false }]);
      expect((await beat(store, await addNode(store))).held).toEqual([]);
      await store.answers.release([lease], { handedOver: true });
      expect((await beat(store, node)).held).toEqual([]);
      const next = await claim(store, messageId, node);
      expect((await beat(store, node)).held).toMatchObject([{ generation: next.generation }]);
      await finish(store, next, 'So.');
      expect((await beat(store, node)).held).toEqual([]);
    });

    test('a beat renews the lease, and what is held stays its holder’s', async () => {
      const { store, node, answer } = await begin();
      const { other } = world();
      await store.nodes.renew(node, -1);
      expect(await claimable(other)).toContain(answer.id);
      // What it sees is from before the renewal.
      expect(await beat(store, node)).toMatchObject({
        held: [{ messageId: answer.id }],
        isAnyClaimable: true,
      });
      expect(await claimable(other)).not.toContain(answer.id);
    });

    test('a beat tells whether any answer may be claimed: one that waits for none, one given back, an orphan', async () => {
      const { store, database } = world();
      // Those of other tests.
      await database.sql.query('delete from answers');
      const node = await addNode(store);
      const isAnyClaimable = async () => (await beat(store, await addNode(store))).isAnyClaimable;
      expect(await isAnyClaimable()).toBe(false);
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      const { answer } = await ask(store, ada, id);
      await ask(store, ada, id);
      expect(await isAnyClaimable()).toBe(true);
      const lease = await claim(store, answer.id, node);
      expect(await isAnyClaimable()).toBe(false);
      await store.nodes.renew(node, -1);
      expect(await isAnyClaimable()).toBe(true);
      await store.nodes.renew(node, 600_000);
      expect(await isAnyClaimable()).toBe(false);
      await store.answers.release([lease], { handedOver: true });
      expect(await isAnyClaimable()).toBe(true);
    });

    test('many closings at once end it once', async () => {
      const { store, lease, topic } = await begin();
      const { other } = world();
      const closings = await Promise.all(
        Array.from({ length: 8 }, (_, index) => finish(index % 2 ? store : other, lease, `${index}`)),
      );
      expect(closings.filter(({ result }) => result.closed)).toHaveLength(1);
      const types = typesOf(await readTopic(store, topic));
      expect(types.filter((type) => type === 'AnswerFinished')).toHaveLength(1);
    });
  });

  describe('what a checkpoint adds to a closed answer unseen', () => {
    const addChunk = (messageId: string) =>
      world().database.sql.query('insert into answer_chunks values ($1, 1, 0, $2)', [messageId, 'A gr']);

    const countChunks = async (messageId: string): Promise<number> => {
      const sql = 'select from answer_chunks where message_id = $1';
      return (await world().database.sql.query(sql, [messageId])).length;
    };

    test('goes when the log is trimmed, and what open ones have stays', async () => {
      const { store, lease, answer, conversation } = await begin();
      await checkpoint(store, lease, 0, 'A group');
      const closed = await askAndFinish(store, await addUser(store), null);
      await addChunk(closed.answer.id);
      await store.log.trim({ maxAgeMs: 10 ** 12, maxPerTopic: 10_000 });
      expect([await countChunks(closed.answer.id), await countChunks(answer.id)]).toEqual([0, 1]);
      expect(await store.answers.openIn(conversation.id)).toMatchObject([{ text: 'A group' }]);
    });

    test('goes with the conversation', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { answer, conversation } = await askAndFinish(store, ada, null);
      await addChunk(answer.id);
      expectKind(await store.conversations.remove(conversation.id, ada.id), 'done');
      expect(await countChunks(answer.id)).toBe(0);
    });
  });

  describe('stopping an answer', () => {
    test('a waiting one is closed at once', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { answer, conversation } = await ask(store, ada, null);
      const { result, placed, stopping } = expectKind(
        await store.answers.requestStop(answer.id, ada.id),
        'done',
      );
      expect(stopping).toBe(false);
      expect(result).toMatchObject({ id: answer.id, text: '', answer: { state: 'STOPPED' } });
      expect(placedIn(placed, conversationTopic(conversation.id))).toMatchObject([
        { type: 'AnswerStopped', messageId: answer.id, text: '' },
      ]);
    });

    test('one that a live node makes is its producer’s to close, and ends as stopped', async () => {
      const { store, lease, node, answer, ada, topic } = await begin();
      await checkpoint(store, lease, 0, 'A gr');
      const { result, placed, stopping } = expectKind(
        await store.answers.requestStop(answer.id, ada.id),
        'done',
      );
      expect({ placed, stopping }).toEqual({ placed: [], stopping: true });
      expect(result).toMatchObject({ text: 'A gr', answer: { state: 'GENERATING' } });
      expect((await beat(store, node)).held).toMatchObject([{ messageId: answer.id, isStopping: true }]);
      expect((await finish(store, lease, 'A group')).result).toEqual({ closed: true });
      expect((await readTopic(store, topic)).at(-1)).toMatchObject({
        type: 'AnswerStopped',
        text: 'A group',
      });
    });

    test('[N12] one whose producer fails before it hears of the stop ends as stopped, with the text so far', async () => {
      const { store, lease, answer, ada, topic } = await begin();
      expectKind(await store.answers.requestStop(answer.id, ada.id), 'done');
      const failure = toFailure('TUTOR_INTERRUPTED');
      const closing = { ...lease, state: 'FAILED', text: 'A gr', failure, usage: null } as const;
      const { result, placed } = await store.answers.close(closing);
      expect(result).toEqual({ closed: true });
      expect(placedIn(placed, topic)).toMatchObject([{ type: 'AnswerStopped', text: 'A gr' }]);
      expect(await store.messages.find(answer.id, ada.id)).toMatchObject({
        text: 'A gr',
        answer: { state: 'STOPPED', failure: null },
      });
    });

    test('one that no live node makes is anyone’s to close, at once', async () => {
      const { store, lease, node, answer, ada, topic } = await begin();
      await checkpoint(store, lease, 0, 'A gr');
      await store.nodes.end(node);
      const outcome = expectKind(await store.answers.requestStop(answer.id, ada.id), 'done');
      expect(outcome).toMatchObject({ stopping: false, isUnmade: true, placed: [] });
      const next = await store.answers.claim(answer.id, await addNode(store), 3);
      expect(next).toEqual({ result: null, isUnmade: true, placed: [] });
      const { placed } = await closeUnmade(answer.id, 3, { attempt: 1, text: 'A gro' });
      expect(placedIn(placed, topic)).toMatchObject([{ type: 'AnswerStopped', text: 'A gro' }]);
      expect((await finish(store, lease, 'A group')).result).toEqual({ closed: false });
    });

    test('a closed one is returned as it is', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { answer } = await askAndFinish(store, ada, null, 'So.');
      const { placed, stopping, result } = expectKind(
        await store.answers.requestStop(answer.id, ada.id),
        'done',
      );
      expect({ placed, stopping }).toEqual({ placed: [], stopping: false });
      expect(result).toMatchObject({ text: 'So.', answer: { state: 'FINISHED' } });
    });

    test('is for participants, and for answers', async () => {
      const { store, answer, message, ada } = await begin();
      const eve = await addUser(store, 'Eve');
      expect(await store.answers.requestStop(answer.id, eve.id)).toEqual({ kind: 'not-found' });
      for (const id of [message.id, newId(), 'nonsense']) {
        expect(await store.answers.requestStop(id, ada.id)).toEqual({ kind: 'not-found' });
      }
    });

    test('what its producer does not close in time anyone closes, once', async () => {
      const { store, lease, answer, ada, topic } = await begin();
      const { other } = world();
      const anyone = await addNode(other);
      const overdueStops = async (stopOverdueMs: number) =>
        (await beat(other, anyone, stopOverdueMs)).overdueStops;
      await checkpoint(store, lease, 0, 'A gr');
      expect(await overdueStops(0)).not.toContain(answer.id);
      await store.answers.requestStop(answer.id, ada.id);
      expect(await overdueStops(600_000)).not.toContain(answer.id);
      expect(await overdueStops(0)).toContain(answer.id);
      const shared = { attempt: lease.attempt, text: 'A gro' };
      const closed = await Promise.all(
        [store, other].map((one) =>
          one.answers.closeUnmade({ messageId: answer.id, maxAttempts: 3, shared }),
        ),
      );
      expect(closed.filter(({ result }) => result.closed)).toHaveLength(1);
      expect(
        placedIn(
          closed.flatMap(({ placed }) => [...placed]),
          topic,
        ),
      ).toMatchObject([{ type: 'AnswerStopped', messageId: answer.id, text: 'A gro' }]);
      expect((await finish(store, lease, 'A group')).result).toEqual({ closed: false });
      expect(await overdueStops(0)).not.toContain(answer.id);
    });
  });

  describe('retrying an answer', () => {
    const toRetry = (viewer: { id: string; name: string }, messageId: string, clientRetryId = newId()) => ({
      viewer,
      messageId,
      clientRetryId,
      tutorName: 'Tutor',
    });

    test('makes a new answer to the same message, once for each id', async () => {
      const { store, other } = world();
      const ada = await addUser(store);
      const { answer, message, conversation } = await askAndFinish(store, ada, null);
      const input = toRetry(ada, answer.id);
      const outcomes = await Promise.all([store, other, store].map((one) => one.answers.retry(input)));
      const created = outcomes.map((outcome) => expectKind(outcome, 'created'));
      const news = created.filter(({ result }) => !result.repeated);
      expect(news).toHaveLength(1);
      expect(new Set(created.map(({ result }) => result.answer.id)).size).toBe(1);
      const [made] = news;
      expect(made?.result.answer).toMatchObject({
        position: 3,
        inReplyTo: message.id,
        retryOf: answer.id,
        text: '',
        answer: { state: 'WAITING' },
      });
      const topic = conversationTopic(conversation.id);
      expect(placedIn(made?.placed ?? [], topic)).toMatchObject([
        { type: 'MessageAdded', message: made?.result.answer },
      ]);
      expect(await store.conversations.find(conversation.id, ada.id)).toEqual(made?.result.conversation);
      const lease = await claim(store, made?.result.answer.id ?? '', await addNode(store));
      expect(lease).toMatchObject({ inReplyTo: message.id, askedBy: ada.id });
    });

    test('the same id for another answer is a conflict', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const first = await askAndFinish(store, ada, null);
      const second = await askAndFinish(store, ada, null);
      const input = toRetry(ada, first.answer.id);
      expectKind(await store.answers.retry(input), 'created');
      expectKind(await store.answers.retry({ ...input, messageId: second.answer.id }), 'conflict');
    });

    test('only the last answer, and none while one is open', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const first = await askAndFinish(store, ada, null);
      const second = await ask(store, ada, first.conversation.id);
      for (const id of [first.answer.id, second.answer.id]) {
        expect(await store.answers.retry(toRetry(ada, id))).toEqual({
          kind: 'answer-in-progress',
          messageId: second.answer.id,
        });
      }
      await store.answers.requestStop(second.answer.id, ada.id);
      expect(await store.answers.retry(toRetry(ada, first.answer.id))).toEqual({ kind: 'not-last' });
      await send(store, ada, first.conversation.id, { answer: false });
      expectKind(await store.answers.retry(toRetry(ada, second.answer.id)), 'created');
    });

    test('is for participants, and for answers', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const eve = await addUser(store, 'Eve');
      const { answer, message } = await askAndFinish(store, ada, null);
      expect(await store.answers.retry(toRetry(eve, answer.id))).toEqual({ kind: 'not-found' });
      for (const id of [message.id, newId(), 'nonsense']) {
        expect(await store.answers.retry(toRetry(ada, id))).toEqual({ kind: 'not-found' });
      }
    });
  });

  describe('usage', () => {
    test('counts messages, answers and tokens since a time, deleted ones too', async () => {
      const { store, clock } = world();
      const ada = await addUser(store);
      const old = await askAndFinish(store, ada, null);
      const since = clock.now().toISOString();
      await askAndFinish(store, ada, old.conversation.id);
      await send(store, ada, old.conversation.id, { answer: false });
      const usage = { messages: 2, answers: 1, inputTokens: 7, outputTokens: 11 };
      expect(await store.answers.usageOf(ada.id, since)).toEqual(usage);
      await store.conversations.remove(old.conversation.id, ada.id);
      expect(await store.answers.usageOf(ada.id, since)).toEqual(usage);
      expect(await store.answers.usageOf('nobody', since)).toEqual({
        messages: 0,
        answers: 0,
        inputTokens: 0,
        outputTokens: 0,
      });
    });
  });
};
