import { describe, expect, test } from '@jest/globals';
import { createCheckpoints } from '../../../src/answers/checkpoints.ts';
import { createDeltaClock } from '../../../src/answers/delta-clock.ts';
import { createProducer } from '../../../src/answers/producer.ts';
import { createMemoryPubSub } from '../../../src/pubsub/memory.ts';
import { silentLog } from '../../../src/util/log.ts';
import { addNode, claim } from '../../contract/store/world.ts';
import { eventually } from '../../support/eventually.ts';
import { createScriptedTutor } from '../../support/scripted-tutor.ts';
import { createGate, runnableWorlds, useAnswersWorld } from './service-world.ts';

describe.each(runnableWorlds())('the service for answers on %s', (name, createWorld) => {
  const { world, startNode, statusOf, isClosed, typesOf, isMadeBy } = useAnswersWorld(createWorld);

  describe('stopping', () => {
    test('[N12] a stop that comes between the claim and the first call of the model ends it without one', async () => {
      let claimed = createGate();
      const tutor = createScriptedTutor();
      const node = await startNode({
        tutor,
        // No beat comes in time to help.
        leaseMs: 30_000,
        intercept: (answers) => ({
          async claim(...parameters) {
            const outcome = await answers.claim(...parameters);
            if (outcome.result) await claimed.pass();
            return outcome;
          },
        }),
      });
      for (const isElsewhere of [false, true]) {
        claimed = createGate();
        const asked = await world().ask();
        node.answers.wake(asked.answerId);
        await isMadeBy(asked.answerId, node);
        const stopper = isElsewhere
          ? await startNode({ tutor: createScriptedTutor(), leaseMs: 30_000 })
          : node;
        const outcome = await stopper.answers.requestStop(world().ada.id, asked.answerId);
        expect(outcome).toMatchObject({ kind: 'done', stopping: true });
        claimed.open();
        expect(await isClosed(asked.answerId)).toMatchObject({ state: 'STOPPED', text: '' });
        expect(await typesOf(asked)).toEqual(['AnswerStarted', 'AnswerStopped']);
      }
      expect(tutor.calls.filter(({ state }) => state === 'open')).toEqual([]);
    });

    test('[N12] a stop and a finish at the same time end it once, as stopped', async () => {
      const closing = createGate();
      const tutor = createScriptedTutor();
      const node = await startNode({
        tutor,
        intercept: (answers) => ({
          async close(end) {
            await closing.pass();
            return answers.close(end);
          },
        }),
      });
      const asked = await world().ask();
      node.answers.wake(asked.answerId);
      const call = await tutor.call(0);
      call.say('All of ', 'it.');
      call.finish();
      await closing.arrived;
      await node.answers.requestStop(world().ada.id, asked.answerId);
      closing.open();
      expect(await isClosed(asked.answerId)).toMatchObject({ state: 'STOPPED', text: 'All of it.' });
      expect(await typesOf(asked)).toEqual(['AnswerStarted', 'AnswerStopped']);
    });

    test('[N12] stops at any moment of an answer end it once, with what was published', async () => {
      const tutor = createScriptedTutor((call) => {
        for (let word = 0; word < 20; word += 1) call.say(`${word} `);
        call.finish();
      });
      const node = await startNode({ tutor });
      const whole = Array.from({ length: 20 }, (_, word) => `${word} `).join('');
      await Promise.all(
        Array.from({ length: 12 }, async (_, index) => {
          const asked = await world().ask();
          node.answers.wake(asked.answerId);
          if (index > 0) {
            await eventually(async () => (await typesOf(asked)).length > 0, { intervalMs: index });
          }
          await node.answers.requestStop(world().ada.id, asked.answerId);
          const { state, text } = await isClosed(asked.answerId);
          if (state === 'FINISHED') expect(text).toBe(whole);
          else expect(state).toBe('STOPPED');
          expect(whole.startsWith(text ?? 'nothing')).toBe(true);
          const ends = (await typesOf(asked)).filter((type) => type !== 'AnswerStarted');
          expect(ends).toEqual([state === 'FINISHED' ? 'AnswerFinished' : 'AnswerStopped']);
        }),
      );
    });
  });

  describe('a node', () => {
    test('[N3] that is full makes the rest as room comes, each at its first attempt', async () => {
      const tutor = createScriptedTutor((call) => call.say('So.'));
      const node = await startNode({ tutor, maxInProgress: 2 });
      const all = await Promise.all(Array.from({ length: 7 }, () => world().ask()));
      for (const { answerId } of all) node.answers.wake(answerId);
      for (let index = 0; index < all.length; index += 1) {
        const call = await tutor.call(index);
        expect(node.answers.inProgress()).toBeLessThanOrEqual(2);
        call.finish();
      }
      for (const { answerId } of all) {
        expect(await isClosed(answerId)).toMatchObject({ state: 'FINISHED', attempt: 1 });
      }
    });

    test('[N11] that goes closes what is complete and gives the rest to others at once', async () => {
      const closing = createGate();
      const tutor = createScriptedTutor();
      // A lease this long shows that nobody waits for its end.
      const leaseMs = 60_000;
      const going = await startNode({
        tutor,
        leaseMs,
        toPubSub: (pubsub) => ({
          ...pubsub,
          answerTexts: {
            ...pubsub.answerTexts,
            async append(delta) {
              if (delta.text.includes('last')) await closing.pass();
              return pubsub.answerTexts.append(delta);
            },
          },
        }),
      });
      const complete = await world().ask();
      going.answers.wake(complete.answerId);
      const done = await tutor.call(0);
      done.say('Complete to the last ');
      await closing.arrived;
      done.say('word.');
      done.finish();
      await eventually(() => done.state === 'finished');
      const half = await world().ask();
      const behind = await world().ask(half.conversationId);
      going.answers.wake(half.answerId);
      const call = await tutor.call(1);
      call.say('Half');

      const next = createScriptedTutor();
      await startNode({ tutor: next, leaseMs });
      const gone = going.dispose();
      closing.open();
      await gone;
      expect(call.state).toBe('left');
      expect(going.answers.inProgress()).toBe(0);
      const again = await next.call(0);
      again.say('Whole.');
      again.finish();
      (await next.call(1)).finish();
      expect(await isClosed(complete.answerId)).toMatchObject({
        text: 'Complete to the last word.',
        attempt: 1,
      });
      expect(await isClosed(half.answerId)).toMatchObject({ text: 'Whole.', attempt: 2 });
      expect(await isClosed(behind.answerId)).toMatchObject({ state: 'FINISHED', attempt: 1 });
      expect(await typesOf(half)).toEqual(['AnswerStarted', 'AnswerFinished']);
    });

    test('[N11] that goes in the middle of a claim gives that back too', async () => {
      const claimed = createGate();
      const leaseMs = 60_000;
      const tutor = createScriptedTutor();
      const going = await startNode({
        tutor,
        leaseMs,
        intercept: (answers) => ({
          async claim(...parameters) {
            const outcome = await answers.claim(...parameters);
            await claimed.pass();
            return outcome;
          },
        }),
      });
      const asked = await world().ask();
      going.answers.wake(asked.answerId);
      await claimed.arrived;
      // Not before: it looks for answers to make when it begins, and then not for long.
      const next = createScriptedTutor();
      await startNode({ tutor: next, leaseMs });
      const gone = going.dispose();
      claimed.open();
      await gone;
      (await next.call(0)).finish();
      await isClosed(asked.answerId);
      expect(tutor.calls).toHaveLength(0);
    });

    test('[N11] [N18] that goes costs an answer no attempt, however many go in turn', async () => {
      const leaseMs = 60_000;
      let tutor = createScriptedTutor();
      let node = await startNode({ tutor, leaseMs });
      const asked = await world().ask();
      node.answers.wake(asked.answerId);
      for (let round = 1; round <= 4; round += 1) {
        (await tutor.call(0)).say('Half');
        tutor = createScriptedTutor();
        const next = await startNode({ tutor, leaseMs });
        await node.dispose();
        node = next;
      }
      const call = await tutor.call(0);
      call.say('Whole.');
      call.finish();
      expect(await isClosed(asked.answerId)).toMatchObject({ state: 'FINISHED', text: 'Whole.', attempt: 5 });
      expect(await typesOf(asked)).toEqual(['AnswerStarted', 'AnswerFinished']);
    });

    test('that has nothing to make asks the store one thing a beat', async () => {
      // What other tests left open.
      await world().database.sql.query('delete from answers');
      let beats = 0;
      const node = await startNode({
        tutor: createScriptedTutor(),
        intercept: (answers) => ({
          beat(...parameters) {
            beats += 1;
            return answers.beat(...parameters);
          },
        }),
      });
      const [callsBefore, beatsBefore] = [node.storeCalls(), beats];
      await eventually(() => beats > beatsBefore + 3);
      expect(node.storeCalls() - callsBefore).toBe(beats - beatsBefore);
    });

    test('[N18] that beats while it hands over takes nothing of that for lost', async () => {
      const releasing = createGate();
      const releases: boolean[] = [];
      let looks = 0;
      const tutor = createScriptedTutor();
      const going = await startNode({
        tutor,
        intercept: (answers) => ({
          async release(leases, how) {
            releases.push(how.handedOver);
            if (how.handedOver) await releasing.pass();
            return answers.release(leases, how);
          },
          async beat(...parameters) {
            looks += 1;
            return answers.beat(...parameters);
          },
        }),
      });
      const asked = await world().ask();
      going.answers.wake(asked.answerId);
      await tutor.call(0);
      const gone = going.answers.drain();
      await releasing.arrived;
      const before = looks;
      // A look begins after the one before was acted upon.
      await eventually(() => looks > before + 2).finally(releasing.open);
      await gone;
      const next = createScriptedTutor();
      await startNode({ tutor: next, maxAttempts: 1 });
      (await next.call(0)).finish();
      expect(await isClosed(asked.answerId)).toMatchObject({ state: 'FINISHED', attempt: 2 });
      expect(releases).toEqual([true]);
    });

    test('[N18] that hands over while it beats takes nothing of that for lost', async () => {
      const telling = createGate();
      const releases: boolean[] = [];
      const tutor = createScriptedTutor();
      const going = await startNode({
        tutor,
        intercept: (answers) => ({
          async release(leases, how) {
            releases.push(how.handedOver);
            return answers.release(leases, how);
          },
          async beat(...parameters) {
            const told = await answers.beat(...parameters);
            // What the store said of its leases is heard when they are given back.
            if (told.held.length > 0) await telling.pass();
            return told;
          },
        }),
      });
      const asked = await world().ask();
      going.answers.wake(asked.answerId);
      await tutor.call(0);
      await telling.arrived;
      await going.answers.drain();
      telling.open();
      await going.dispose();
      const next = createScriptedTutor();
      await startNode({ tutor: next, maxAttempts: 1 });
      (await next.call(0)).finish();
      expect(await isClosed(asked.answerId)).toMatchObject({ state: 'FINISHED', attempt: 2 });
      expect(releases).toEqual([true]);
    });

    test('[N11] that goes tells others at once of what it is asked meanwhile', async () => {
      const leaseMs = 60_000;
      const tutor = createScriptedTutor();
      const [first, second] = [
        await startNode({ tutor, leaseMs }),
        await startNode({ tutor: createScriptedTutor(), leaseMs }),
      ];
      const next = createScriptedTutor();
      const looking = createGate();
      await startNode({
        tutor: next,
        leaseMs,
        intercept: (answers) => ({
          beat: (...parameters) => answers.beat(...parameters).finally(looking.open),
        }),
      });
      // It looks for answers to make when it begins, and then not for long.
      await looking.pass();
      // Two of them: what one tells the other must not go back and forth.
      await Promise.all([first.answers.drain(), second.answers.drain()]);
      const asked = await world().ask();
      first.answers.wake(asked.answerId);
      (await next.call(0)).finish();
      expect(await isClosed(asked.answerId)).toMatchObject({ state: 'FINISHED', attempt: 1 });
      expect(tutor.calls).toHaveLength(0);
    });

    test('that was disposed leaves no timer, touches no store and makes nothing', async () => {
      const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
      const before = timers();
      const tutor = createScriptedTutor();
      const node = await startNode({ tutor });
      const asked = await world().ask();
      node.answers.wake(asked.answerId);
      (await tutor.call(0)).say('Half');
      expect(timers()).toBeGreaterThan(before);
      await node.dispose();
      const calls = node.storeCalls();
      node.answers.wake((await world().ask()).answerId);
      const disposedAt = performance.now();
      await eventually(() => performance.now() - disposedAt > 400);
      expect(node.storeCalls()).toBe(calls);
      expect(tutor.calls.map(({ state }) => state)).toEqual(['left']);
      // The pools and links of the other world have timers of their own.
      if (name.startsWith('PGlite')) await eventually(() => timers() <= before);
    });
  });

  test('[N10] checkpoints that overlap in time keep each text once', async () => {
    const { answerId, conversationId } = await world().ask();
    const lease = await claim(world().store, answerId, await addNode(world().store));
    const tutor = createScriptedTutor();
    const producer = createProducer({
      lease,
      store: world().store,
      pubsub: createMemoryPubSub(),
      feeds: { acceptDelta() {}, announce() {} },
      tutor,
      deltaClock: createDeltaClock(),
      log: silentLog,
    });
    const published = (text: string) => eventually(() => producer.checkpoint()?.text === text);
    const isHeard = createGate();
    const checkpoints = createCheckpoints({
      answers: {
        async checkpoint(pieces) {
          await world().store.answers.checkpoint(pieces);
          if (pieces[0]?.text === 'one ') await isHeard.pass();
        },
      },
    });
    const call = await tutor.call(0);
    call.say('one ');
    await published('one ');
    const first = checkpoints.save([producer]);
    await isHeard.arrived;
    call.say('😀 ');
    await published('one 😀 ');
    const second = checkpoints.save([producer]);
    // Otherwise the second one, which is not held up, would be stored and noted before the first is noted.
    await world().store.answers.openIn(conversationId);
    isHeard.open();
    await Promise.all([first, second]);
    call.say('three');
    await published('three');
    await checkpoints.save([producer]);
    const [open] = await world().store.answers.openIn(conversationId);
    expect(open?.text).toBe('one 😀 three');
    call.finish();
    await producer.done;
    expect(await statusOf(answerId)).toMatchObject({ state: 'FINISHED', text: 'one 😀 three' });
  });
});
