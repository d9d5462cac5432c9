import { describe, expect, test } from '@jest/globals';
import { createConversations } from '../../../src/conversations/conversations.ts';
import { unavailable } from '../../../src/domain/errors.ts';
import type { AnswerStore } from '../../../src/store/port.ts';
import { eventually } from '../../support/eventually.ts';
import { createScriptedTutor } from '../../support/scripted-tutor.ts';
import {
  createGate,
  followItems,
  type NodeOptions,
  runnableWorlds,
  useAnswersWorld,
} from './service-world.ts';

describe.each(runnableWorlds())('faults of answers on %s', (_name, createWorld) => {
  const { world, startNode, statusOf, isClosed, typesOf } = useAnswersWorld(createWorld);

  describe('a store that comes and goes', () => {
    test('[N2] a finished answer waits for the store, and is not lost', async () => {
      const tutor = createScriptedTutor();
      const node = await startNode({ tutor });
      const asked = await world().ask();
      node.answers.wake(asked.answerId);
      const call = await tutor.call(0);
      node.cut();
      call.say('Kept.');
      call.finish();
      await eventually(() => call.state === 'finished');
      // Longer than its lease.
      const cutAt = performance.now();
      await eventually(() => performance.now() - cutAt > 900);
      expect(node.answers.inProgress()).toBe(1);
      node.mend();
      expect(await isClosed(asked.answerId)).toMatchObject({ state: 'FINISHED', text: 'Kept.', attempt: 1 });
      expect(tutor.calls).toHaveLength(1);
    });

    test('[N11] a claim whose commit was not heard of is begun anew', async () => {
      let losses = 1;
      const tutor = createScriptedTutor((call) => {
        call.say('So.');
        call.finish();
      });
      const node = await startNode({
        tutor,
        intercept: (answers) => ({
          async claim(...parameters) {
            const outcome = await answers.claim(...parameters);
            if (outcome.result && losses-- > 0) throw unavailable('the link fell after the commit');
            return outcome;
          },
        }),
      });
      const asked = await world().ask();
      node.answers.wake(asked.answerId);
      expect(await isClosed(asked.answerId)).toMatchObject({ state: 'FINISHED', text: 'So.', attempt: 2 });
      expect(await typesOf(asked)).toEqual(['AnswerStarted', 'AnswerFinished']);
    });

    test('[N2] an end whose commit was not heard of comes once', async () => {
      let losses = 1;
      const tutor = createScriptedTutor((call) => {
        call.say('So.');
        call.finish();
      });
      const node = await startNode({
        tutor,
        intercept: (answers) => ({
          async close(end) {
            const outcome = await answers.close(end);
            if (losses-- > 0) throw unavailable('the link fell after the commit');
            return outcome;
          },
        }),
      });
      const first = await world().ask();
      const second = await world().ask(first.conversationId);
      node.answers.wake(first.answerId);
      await isClosed(second.answerId);
      for (const asked of [first, second]) {
        expect(await typesOf(asked)).toEqual(['AnswerStarted', 'AnswerFinished']);
      }
    });

    test('[N11] an outage of the store moves no answer to another node, whoever comes back first', async () => {
      const tutor = createScriptedTutor();
      const idle = createScriptedTutor();
      const holder = await startNode({ tutor });
      const claimed = createGate();
      const other = await startNode({
        tutor: idle,
        // It is well long before the outage, and leaves the first claim to the other.
        intercept: (answers) => ({
          claimable: (...parameters) => claimed.pass().then(() => answers.claimable(...parameters)),
        }),
      });
      const asked = await world().ask();
      holder.answers.wake(asked.answerId);
      const call = await tutor.call(0);
      claimed.open();
      holder.cut();
      other.cut();
      const cutAt = performance.now();
      await eventually(() => performance.now() - cutAt > 900);
      other.mend();
      const calls = other.storeCalls();
      // It beats again, and sees an answer whose lease has ended.
      await eventually(() => other.storeCalls() > calls + 2);
      holder.mend();
      call.say('Mine.');
      call.finish();
      expect(await isClosed(asked.answerId)).toMatchObject({ state: 'FINISHED', attempt: 1, text: 'Mine.' });
      expect(idle.calls).toHaveLength(0);
    });

    test('[N11] a holder that lost the store alone is overtaken, and publishes and writes nothing more', async () => {
      const tutor = createScriptedTutor();
      const next = createScriptedTutor();
      const holder = await startNode({ tutor });
      const asked = await world().ask();
      holder.answers.wake(asked.answerId);
      const call = await tutor.call(0);
      call.say('Old ');
      const other = await startNode({ tutor: next });
      holder.cut();
      const viewer = await followItems(other, asked.conversationId, world().ada.id);
      const again = await next.call(0);
      again.say('New ');
      await eventually(() => viewer.items.some((item) => item.kind === 'delta' && item.delta.attempt === 2));
      call.say('old still ');
      await eventually(() => call.state === 'left');
      again.say('text.');
      again.finish();
      expect(await isClosed(asked.answerId)).toMatchObject({
        state: 'FINISHED',
        text: 'New text.',
        attempt: 2,
      });
      holder.mend();
      await eventually(() => holder.answers.inProgress() === 0);
      expect(await typesOf(asked)).toEqual(['AnswerStarted', 'AnswerFinished']);
      const deltas = viewer.items.flatMap((item) => (item.kind === 'delta' ? [item.delta] : []));
      expect(deltas.filter(({ text }) => text.includes('still'))).toEqual([]);
      expect(deltas.find(({ attempt }) => attempt === 2)?.offset).toBe(0);
      await viewer.stop();
    });
  });

  describe('failures of our own', () => {
    test('[N17] a conversation that cannot be read fails the answer, and not the node', async () => {
      const tutor = createScriptedTutor();
      let failures = 1;
      const node = await startNode({
        tutor,
        toStore: (store) => ({
          ...store,
          messages: {
            ...store.messages,
            async historyUpTo(...parameters) {
              if (failures-- > 0) throw new Error('a bug');
              return store.messages.historyUpTo(...parameters);
            },
          },
        }),
      });
      const asked = await world().ask();
      node.answers.wake(asked.answerId);
      expect(await isClosed(asked.answerId)).toMatchObject({
        state: 'FAILED',
        failure: { code: 'INTERNAL', temporary: true },
      });
      const next = await world().ask();
      node.answers.wake(next.answerId);
      (await tutor.call(0)).finish();
      expect(await isClosed(next.answerId)).toMatchObject({ state: 'FINISHED' });
    });

    test('[N17] an unknown failure of the tutor keeps the text and tells nothing of its cause', async () => {
      const tutor = createScriptedTutor((call) => {
        call.say('Half ');
        call.fail(new Error('secret'));
      });
      const node = await startNode({ tutor });
      const asked = await world().ask();
      node.answers.wake(asked.answerId);
      const status = await isClosed(asked.answerId);
      expect(status).toMatchObject({ state: 'FAILED', text: 'Half ', failure: { code: 'INTERNAL' } });
      expect(JSON.stringify(await world().eventsOf(asked))).not.toContain('secret');
    });

    test('[N19] a model that never ends is ended, by the length of its text or by the time it takes', async () => {
      const tutor = createScriptedTutor((call) => call.say('1234567890'));
      const node = await startNode({ tutor, bounds: { maxTextLength: 25, maxDurationMs: 60_000 } });
      const long = await world().ask();
      node.answers.wake(long.answerId);
      (await tutor.call(0)).say('1234567890', '1234567890');
      expect(await isClosed(long.answerId)).toMatchObject({
        state: 'FAILED',
        text: '12345678901234567890',
        failure: { code: 'TUTOR_INTERRUPTED' },
      });
      const slow = await startNode({ tutor, bounds: { maxDurationMs: 500 } });
      const asked = await world().ask();
      slow.answers.wake(asked.answerId);
      expect(await isClosed(asked.answerId)).toMatchObject({
        state: 'FAILED',
        text: '1234567890',
        failure: { code: 'TUTOR_TIMEOUT' },
      });
      expect(tutor.calls.map(({ state }) => state)).toEqual(['left', 'left']);
    });

    /** As if the node had died before it stored the rest. */
    const checkpointPart = (answers: AnswerStore) => (pieces: Parameters<AnswerStore['checkpoint']>[0]) =>
      answers.checkpoint(pieces.map((piece) => ({ ...piece, text: piece.text.slice(0, 3) })));

    /** Half made by a node that died; another looks for answers to make so seldom that only a stop can end it. */
    const loseHalf = async () => {
      const node = await startNode({
        tutor: createScriptedTutor((call) => call.say('Half of it')),
        intercept: (answers) => ({ checkpoint: checkpointPart(answers) }),
      });
      const asked = await world().ask();
      node.answers.wake(asked.answerId);
      await eventually(async () => (await statusOf(asked.answerId)).text === 'Hal');
      const other = await startNode({ tutor: createScriptedTutor(), leaseMs: 60_000 });
      node.cut();
      await eventually(async () =>
        (await world().store.answers.claimable(100, { orphans: true })).includes(asked.answerId),
      );
      return { asked, other };
    };

    test('[N13] [N20] a stop of an answer whose node died ends it at once, with all that was shown', async () => {
      const { asked, other } = await loseHalf();
      const { ada } = world();
      const stopped = { text: 'Half of it', answer: { state: 'STOPPED' } };
      const outcome = await other.answers.requestStop(ada.id, asked.answerId);
      expect(outcome).toMatchObject({ kind: 'done', stopping: false, result: stopped });
      expect(await typesOf(asked)).toEqual(['AnswerStarted', 'AnswerStopped']);
      expect(await other.answers.requestStop(ada.id, asked.answerId)).toMatchObject({ result: stopped });
    });

    test('[N15] [N20] so does a message that interrupts it, which is answered next', async () => {
      const { asked, other } = await loseHalf();
      const { store, ada } = world();
      const conversations = createConversations({
        store,
        feeds: other.feeds,
        answers: other.answers,
        limits: { consumeMessage: async () => {}, refundMessage: async () => {} },
        tutorName: 'Tutor',
        maxMessageLength: 100,
      });
      const viewer = { userId: ada.id, name: ada.name, role: 'LEARNER' } as const;
      const sent = await conversations.send(viewer, {
        clientMessageId: 'urgent',
        conversationId: asked.conversationId,
        text: 'Wait!',
        answer: true,
        whileAnswering: 'INTERRUPT',
      });
      expect(await statusOf(asked.answerId)).toMatchObject({ state: 'STOPPED', text: 'Half of it' });
      expect(await typesOf(asked)).toEqual(['AnswerStarted', 'AnswerStopped']);
      const next = sent.kind === 'sent' && sent.answer ? sent.answer.id : 'none';
      await eventually(async () => (await statusOf(next)).state === 'GENERATING');
    });

    /** An answer of which two attempts are lost, and no piece of the second is stored; how it ends at a third node. */
    const loseTwice = async (lastNode: Partial<NodeOptions> = {}) => {
      const asked = await world().ask();
      for (const text of ['First', 'Second']) {
        const tutor = createScriptedTutor((call) => call.say(text));
        const node = await startNode({
          tutor,
          maxAttempts: 2,
          intercept: (answers) => ({
            checkpoint: checkpointPart(answers),
          }),
        });
        node.answers.wake(asked.answerId);
        const viewer = await followItems(node, asked.conversationId, world().ada.id);
        await eventually(() =>
          viewer.items.some((item) => item.kind === 'delta' && item.delta.text === text),
        );
        await viewer.stop();
        await eventually(async () => (await statusOf(asked.answerId)).text === text.slice(0, 3));
        // From now on it renews no lease.
        node.cut();
      }
      const tutor = createScriptedTutor();
      await startNode({ tutor, maxAttempts: 2, ...lastNode });
      const status = await isClosed(asked.answerId);
      expect(tutor.calls).toHaveLength(0);
      expect(await typesOf(asked)).toEqual(['AnswerStarted', 'AnswerFailed']);
      return status;
    };

    test('[N18] [N20] an answer of which each attempt is lost fails after the last one, with all of that that was shown', async () => {
      expect(await loseTwice()).toMatchObject({
        state: 'FAILED',
        text: 'Second',
        attempt: 2,
        failure: { code: 'ATTEMPTS_EXHAUSTED' },
      });
    });

    test('[N20] without the shared text it fails with that of the last checkpoint', async () => {
      const read = () => Promise.reject(new Error('the link is down'));
      const lastNode: Partial<NodeOptions> = {
        toPubSub: (pubsub) => ({ ...pubsub, answerTexts: { ...pubsub.answerTexts, read } }),
      };
      expect(await loseTwice(lastNode)).toMatchObject({ state: 'FAILED', text: 'Sec', attempt: 2 });
    });
  });
});
