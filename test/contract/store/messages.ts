import { describe, expect, test } from '@jest/globals';
import { maxWaitingAnswers } from '../../../src/domain/answer.ts';
import { titleLength, tutorId } from '../../../src/domain/entities.ts';
import { conversationTopic, userTopic } from '../../../src/domain/topics.ts';
import { messageKey } from '../../../src/store/page-keys.ts';
import { newId } from '../../../src/util/id.ts';
import {
  addConversation,
  addNode,
  addUser,
  ask,
  askAndFinish,
  backward,
  beat,
  checkpoint,
  claim,
  claimable,
  expectKind,
  finish,
  forward,
  type GetWorld,
  placedIn,
  readTopic,
  send,
  sorted,
  topicsFor,
  topicsOfPlaced,
  toSend,
  typesOf,
} from './world.ts';

export const messagesContract = (world: GetWorld) => {
  describe('sending', () => {
    test('a message and its waiting answer are one transaction, placed for all participants', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const bob = await addUser(store, 'Bob');
      const { id } = await addConversation(store, ada, [bob]);
      const before = (await store.log.states([conversationTopic(id)])).states[0]?.seq;
      const sent = await ask(store, ada, id, { text: 'Zahl 𝟙?' });
      expect(sent).toMatchObject({ seqBefore: before, repeated: false, stopping: [] });
      expect(sent.message).toMatchObject({
        conversationId: id,
        position: 1,
        author: { kind: 'LEARNER', id: ada.id, name: 'Ada' },
        text: 'Zahl 𝟙?',
        answer: null,
      });
      expect(sent.answer).toMatchObject({
        position: 2,
        author: { kind: 'TUTOR', id: tutorId, name: 'Tutor' },
        text: '',
        inReplyTo: sent.message.id,
        answer: { state: 'WAITING', attempt: 0, failure: null, startedAt: null, closedAt: null, usage: null },
      });
      expect(sorted(topicsOfPlaced(sent.placed))).toEqual(sorted(topicsFor(id, ada, bob)));
      const added = placedIn(sent.placed, userTopic(bob.id));
      expect(added).toMatchObject([
        { type: 'MessageAdded', message: sent.message },
        { type: 'MessageAdded', message: sent.answer },
      ]);
      expect((await readTopic(store, conversationTopic(id))).slice(before)).toEqual(added);
      expect(await store.messages.find(sent.message.id, bob.id)).toEqual(sent.message);
      expect(await store.messages.find(sent.answer.id, bob.id)).toEqual(sent.answer);
      expect(await store.conversations.find(id, bob.id)).toEqual(sent.conversation);
    });

    test('without a conversation it begins one, titled by its first characters', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const text = `${'𝒳'.repeat(titleLength)} and more`;
      const sent = await ask(store, ada, null, { text });
      expect(sent.conversation).toMatchObject({ title: '𝒳'.repeat(titleLength), ownerId: ada.id });
      expect(sent.seqBefore).toBe(1);
      const events = await readTopic(store, conversationTopic(sent.conversation.id));
      expect(typesOf(events)).toEqual(['ConversationUpdated', 'MessageAdded', 'MessageAdded']);
      expect(await readTopic(store, userTopic(ada.id))).toEqual(events);
      expect(await store.conversations.find(sent.conversation.id, ada.id)).toEqual(sent.conversation);
    });

    test('the first message titles a conversation that has no title, the second does not', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada, [], null);
      const first = await ask(store, ada, id, { text: 'Groups' });
      expect(typesOf(placedIn(first.placed, conversationTopic(id)))).toEqual([
        'MessageAdded',
        'ConversationUpdated',
        'MessageAdded',
      ]);
      expect(first.seqBefore).toBe(1);
      expect(first.conversation.title).toBe('Groups');
      const second = await send(store, ada, id, { text: 'Rings', answer: false });
      expect(second.conversation.title).toBe('Groups');
      expect(second.placed).toHaveLength(2);
    });

    test('into an unknown or someone else’s conversation is not found', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const eve = await addUser(store, 'Eve');
      const { id } = await addConversation(store, ada);
      for (const conversationId of [id, newId(), 'nonsense']) {
        expect(await store.messages.send(toSend(eve, conversationId))).toEqual({ kind: 'not-found' });
      }
    });

    test('a repeat gives the same message and places nothing', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      for (const conversationId of [id, null]) {
        const input = toSend(ada, conversationId);
        const first = expectKind(await store.messages.send(input), 'sent');
        const second = expectKind(await store.messages.send(input), 'sent');
        expect(second.placed).toEqual([]);
        expect(second.result).toEqual({ ...first.result, repeated: true });
      }
    });

    test('[I3] a repeat is known before it is sent, to its sender alone', async () => {
      const { store } = world();
      const [ada, eve] = [await addUser(store), await addUser(store, 'Eve')];
      const input = toSend(ada, null);
      expect(await store.messages.wasSent(ada.id, input.clientMessageId)).toBe(false);
      expectKind(await store.messages.send(input), 'sent');
      expect(await store.messages.wasSent(ada.id, input.clientMessageId)).toBe(true);
      expect(await store.messages.wasSent(eve.id, input.clientMessageId)).toBe(false);
    });

    test('a repeat is no refusal, whatever is open meanwhile', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      const input = toSend(ada, id, { whileAnswering: 'REFUSE' });
      expectKind(await store.messages.send(input), 'sent');
      expect(expectKind(await store.messages.send(input), 'sent').result.repeated).toBe(true);
    });

    test('the repeat of a first message may name the conversation it began', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const input = toSend(ada, null);
      const { conversation } = expectKind(await store.messages.send(input), 'sent').result;
      const again = await store.messages.send({ ...input, conversationId: conversation.id });
      expect(expectKind(again, 'sent').result.repeated).toBe(true);
    });

    test('messages of one moment are each sent, in dense places of the topics that they share', async () => {
      const { store } = world();
      const [ada, bob, eve] = [
        await addUser(store),
        await addUser(store, 'Bob'),
        await addUser(store, 'Eve'),
      ] as const;
      const conversations = [
        await addConversation(store, ada, [bob, eve]),
        await addConversation(store, bob, [ada]),
        await addConversation(store, eve, [ada]),
      ] as const;
      const [one, two, three] = conversations;
      const elsewhere = await addConversation(store, bob);
      const starts = await Promise.all(
        [ada, bob, eve].map(async ({ id }) => (await readTopic(store, userTopic(id))).length),
      );
      const repeated = toSend(ada, one.id, { answer: false });
      await store.messages.send(repeated);
      const outcomes = await Promise.all(
        [
          repeated,
          toSend(ada, one.id),
          toSend(eve, one.id, { answer: false }),
          toSend(ada, two.id),
          toSend(bob, two.id),
          toSend(eve, three.id, { answer: false }),
          toSend(eve, elsewhere.id),
        ].map((input) => store.messages.send(input)),
      );
      expect(outcomes.map(({ kind }) => kind)).toEqual([...Array(6).fill('sent'), 'not-found']);
      const sent = outcomes.slice(0, 6).map((outcome) => expectKind(outcome, 'sent'));
      expect(sent.map(({ result }) => result.repeated)).toEqual([true, ...Array(5).fill(false)]);
      const placed = sent.flatMap((outcome) => outcome.placed);
      for (const { result } of sent) {
        expect(await store.messages.find(result.message.id, ada.id)).toEqual(result.message);
      }
      for (const [index, { id }] of [ada, bob, eve].entries()) {
        const topic = userTopic(id);
        const added = (await readTopic(store, topic)).slice((starts[index] ?? 0) + 1);
        const told = placed.filter((one) => one.topic === topic).sort((a, b) => a.seq - b.seq);
        expect(told.map(({ event }) => event)).toEqual(added.filter(({ type }) => type === 'MessageAdded'));
      }
      for (const { id } of [one, two, three]) {
        const rows = (await store.messages.page(id, ada.id, forward(20)))?.rows ?? [];
        expect(rows.map(({ position }) => position)).toEqual(rows.map((_, index) => index + 1));
      }
    });

    test('the same id with other content is a conflict', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      const elsewhere = await addConversation(store, ada);
      const input = toSend(ada, id);
      expectKind(await store.messages.send(input), 'sent');
      for (const change of [
        { text: 'Else' },
        { answer: false },
        { conversationId: elsewhere.id },
        { conversationId: null },
      ]) {
        expect(await store.messages.send({ ...input, ...change })).toEqual({ kind: 'conflict' });
      }
      const bob = await addUser(store, 'Bob');
      expectKind(await store.messages.send({ ...input, author: bob, conversationId: null }), 'sent');
    });

    test('repeats at the same moment end as one message', async () => {
      const { store, other } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      for (const conversationId of [id, null]) {
        const input = toSend(ada, conversationId);
        const outcomes = await Promise.all(
          Array.from({ length: 8 }, (_, index) => (index % 2 ? store : other).messages.send(input)),
        );
        const results = outcomes.map((outcome) => expectKind(outcome, 'sent').result);
        expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
        expect(new Set(results.map(({ message }) => message.id)).size).toBe(1);
        expect(new Set(results.map(({ answer }) => answer?.id)).size).toBe(1);
        expect(new Set(results.map(({ seqBefore }) => seqBefore)).size).toBe(1);
      }
      expect(typesOf(await readTopic(store, userTopic(ada.id)))).toHaveLength(1 + 2 + 3);
    });
  });

  describe('sending while an answer is open', () => {
    test(`at most ${maxWaitingAnswers} wait; plain messages always go`, async () => {
      const { store, other } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      const head = await ask(store, ada, id);
      await claim(store, head.answer.id, await addNode(store));
      const outcomes = await Promise.all(
        Array.from({ length: maxWaitingAnswers + 3 }, (_, index) =>
          (index % 2 ? store : other).messages.send(toSend(ada, id)),
        ),
      );
      expect(outcomes.filter(({ kind }) => kind === 'sent')).toHaveLength(maxWaitingAnswers);
      expect(outcomes.filter(({ kind }) => kind !== 'sent')).toEqual(
        Array(3).fill({ kind: 'answer-in-progress', messageId: head.answer.id }),
      );
      await send(store, ada, id, { answer: false });
      await send(store, ada, id, { answer: false, whileAnswering: 'REFUSE' });
    });

    test('REFUSE refuses while any answer is open', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const bob = await addUser(store, 'Bob');
      const { id } = await addConversation(store, ada, [bob]);
      const { answer } = await ask(store, ada, id);
      const refused = { kind: 'answer-in-progress', messageId: answer.id };
      expect(await store.messages.send(toSend(bob, id, { whileAnswering: 'REFUSE' }))).toEqual(refused);
      const node = await addNode(store);
      const lease = await claim(store, answer.id, node);
      expect(await store.messages.send(toSend(bob, id, { whileAnswering: 'REFUSE' }))).toEqual(refused);
      await finish(store, lease, 'So.');
      expectKind(await store.messages.send(toSend(bob, id, { whileAnswering: 'REFUSE' })), 'sent');
    });

    test('INTERRUPT stops the one being made and the sender’s waiting ones', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const bob = await addUser(store, 'Bob');
      const { id } = await addConversation(store, ada, [bob]);
      const making = await ask(store, ada, id);
      const adas = await ask(store, ada, id);
      const bobs = await ask(store, bob, id);
      const node = await addNode(store);
      await claim(store, making.answer.id, node);
      const { answer, placed, stopping, unmade, seqBefore } = await ask(store, ada, id, {
        whileAnswering: 'INTERRUPT',
      });
      expect({ stopping, unmade }).toEqual({ stopping: [making.answer.id], unmade: [] });
      expect(placedIn(placed, conversationTopic(id))).toMatchObject([
        { type: 'MessageAdded' },
        { type: 'AnswerStopped', messageId: adas.answer.id, text: '' },
        { type: 'MessageAdded', message: { id: answer.id } },
      ]);
      expect(placed.find(({ topic }) => topic === conversationTopic(id))?.seq).toBe(seqBefore + 1);
      expect((await beat(store, node)).held).toMatchObject([
        { messageId: making.answer.id, isStopping: true },
      ]);
      const states = (await store.messages.page(id, ada.id, forward(20)))?.rows
        .filter((message) => message.answer)
        .map((message) => [message.id, message.answer?.state]);
      expect(states).toEqual([
        [making.answer.id, 'GENERATING'],
        [adas.answer.id, 'STOPPED'],
        [bobs.answer.id, 'WAITING'],
        [answer.id, 'WAITING'],
      ]);
    });

    test('INTERRUPT requests the stop of one that no live node makes, and names it as unmade', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      const { answer } = await ask(store, ada, id);
      const node = await addNode(store);
      await checkpoint(store, await claim(store, answer.id, node), 0, 'A group');
      await store.nodes.end(node);
      const interrupting = await ask(store, ada, id, { whileAnswering: 'INTERRUPT' });
      expect(interrupting).toMatchObject({ stopping: [], unmade: [answer.id] });
      expect(placedIn(interrupting.placed, conversationTopic(id))).toMatchObject([
        { type: 'MessageAdded' },
        { type: 'MessageAdded' },
      ]);
      const shared = { attempt: 1, text: 'A group is' };
      const { placed } = await store.answers.closeUnmade({ messageId: answer.id, maxAttempts: 3, shared });
      expect(placedIn(placed, conversationTopic(id))).toMatchObject([
        { type: 'AnswerStopped', messageId: answer.id, text: 'A group is' },
      ]);
      expect(await claimable(store)).toContain(interrupting.answer.id);
    });

    test('INTERRUPT makes room for itself among those that wait', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const bob = await addUser(store, 'Bob');
      const { id } = await addConversation(store, ada, [bob]);
      for (let index = 0; index < maxWaitingAnswers; index += 1) await ask(store, ada, id);
      expectKind(
        await store.messages.send(toSend(bob, id, { whileAnswering: 'INTERRUPT' })),
        'answer-in-progress',
      );
      expectKind(await store.messages.send(toSend(ada, id, { whileAnswering: 'INTERRUPT' })), 'sent');
    });
  });

  describe('reading messages', () => {
    test('pages are dense and meet, both ways, with the seq of the same moment', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      for (let index = 0; index < 7; index += 1)
        await send(store, ada, id, { answer: false, text: `${index}` });

      const seen: string[] = [];
      let after: string | null = null;
      for (let number = 0; number < 3; number += 1) {
        const page = await store.messages.page(id, ada.id, forward(3, after));
        if (!page) throw new Error('no page');
        seen.push(...page.rows.map(({ text }) => text));
        expect(page).toMatchObject({ hasPreviousPage: number > 0, hasNextPage: number < 2, seq: 8 });
        expect(page.epoch).toBe(await store.log.epoch());
        const last = page.rows.at(-1);
        after = last ? messageKey(last) : null;
      }
      expect(seen).toEqual(['0', '1', '2', '3', '4', '5', '6']);

      const end = await store.messages.page(id, ada.id, backward(2));
      expect(end?.rows.map(({ text }) => text)).toEqual(['5', '6']);
      expect(end).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
      const before = await store.messages.page(id, ada.id, backward(10, messageKey({ position: 6 })));
      expect(before?.rows.map(({ text }) => text)).toEqual(['0', '1', '2', '3', '4']);
      expect(before).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
      const beyond = await store.messages.page(id, ada.id, forward(3, messageKey({ position: 7 })));
      expect(beyond).toMatchObject({ rows: [], hasPreviousPage: true, hasNextPage: false });
      const nothing = await store.messages.page(id, ada.id, backward(3, messageKey({ position: 1 })));
      expect(nothing).toMatchObject({ rows: [], hasPreviousPage: false, hasNextPage: true });
    });

    test('an empty conversation has an empty page', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      for (const page of [forward(3), backward(3)]) {
        expect(await store.messages.page(id, ada.id, page)).toMatchObject({
          rows: [],
          hasPreviousPage: false,
          hasNextPage: false,
          seq: 1,
        });
      }
    });

    test('is for participants only', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const eve = await addUser(store, 'Eve');
      const { conversation, message } = await send(store, ada, null);
      for (const id of [conversation.id, newId(), 'nonsense']) {
        expect(await store.messages.page(id, eve.id, forward(3))).toBeNull();
      }
      for (const id of [message.id, newId(), 'nonsense']) {
        expect(await store.messages.find(id, eve.id)).toBeNull();
      }
    });

    test('a malformed key is refused by the name of its argument', async () => {
      const { store } = world();
      const keys = ['', 'm.1', '%', 'bS4', Buffer.from('m.1.2').toString('base64url'), 'x'.repeat(300)];
      for (const key of keys) {
        const refusal = (field: string) => ({ code: 'BAD_INPUT', field });
        await expect(store.messages.page(newId(), 'ada', forward(3, key))).rejects.toMatchObject(
          refusal('after'),
        );
        await expect(store.messages.page(newId(), 'ada', backward(3, key))).rejects.toMatchObject(
          refusal('before'),
        );
      }
    });

    test('an answer that is being made has its text so far', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { answer, conversation } = await ask(store, ada, null);
      const lease = await claim(store, answer.id, await addNode(store));
      await checkpoint(store, lease, 0, 'A ');
      await checkpoint(store, lease, 2, 'group ');
      await checkpoint(store, lease, 8, 'is');
      const found = await store.messages.find(answer.id, ada.id);
      expect(found).toMatchObject({ text: 'A group is', answer: { state: 'GENERATING', attempt: 1 } });
      const page = await store.messages.page(conversation.id, ada.id, forward(10));
      expect(page?.rows.at(-1)).toEqual(found);
      expect(await store.conversations.lastMessage(conversation.id)).toEqual(found);
    });

    test('the history for the tutor is what was said and closed, up to the message', async () => {
      const { store } = world();
      const ada = await addUser(store);
      const { id } = await addConversation(store, ada);
      await askAndFinish(store, ada, id, 'One.');
      const stopped = await ask(store, ada, id, { text: 'Two?' });
      await store.answers.requestStop(stopped.answer.id, ada.id);
      const open = await ask(store, ada, id, { text: 'Three?' });
      await send(store, ada, id, { text: 'Four?' });
      const texts = (await store.messages.historyUpTo(open.message.id, 50)).map(({ text }) => text);
      expect(texts).toEqual(['What is a group?', 'One.', 'Two?', 'Three?']);
      const latest = (await store.messages.historyUpTo(open.message.id, 2)).map(({ text }) => text);
      expect(latest).toEqual(['Two?', 'Three?']);
      expect(await store.messages.historyUpTo(newId(), 5)).toEqual([]);
    });
  });
};
