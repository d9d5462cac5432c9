import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { createScriptedTutor, type ScriptedTutor, type TutorCall } from '../../support/scripted-tutor.ts';
import type { TestApp } from '../../support/test-app.ts';
import { type Viewer, watch } from '../../support/viewer.ts';
import { type Asked, createCluster, createLearner, type Learner, startTutoredApp } from './app-world.ts';
import { hasServices } from './service-world.ts';

interface Place {
  /** Where messages are sent. */
  readonly here: TestApp;
  /** Where they are watched, stopped and retried: another node, or the same one. */
  readonly there: TestApp;
  readonly tutor: ScriptedTutor;
  dispose(): Promise<void>;
}

const embedded = async (): Promise<Place> => {
  const app = await startTutoredApp();
  return { here: app, there: app, tutor: app.tutor, dispose: app.dispose };
};

/** Two nodes with one tutor between them, so that it does not matter which of them makes an answer. */
const twoNodes = async (): Promise<Place> => {
  const cluster = await createCluster();
  const tutor = createScriptedTutor();
  const [here, there] = await Promise.all([
    startTutoredApp({ cluster, tutor }),
    startTutoredApp({ cluster, tutor }),
  ]);
  return {
    here,
    there,
    tutor,
    async dispose() {
      await Promise.all([here.dispose(), there.dispose()]);
      await cluster.dispose();
    },
  };
};

const places: [string, () => Promise<Place>][] = [['one embedded node', embedded]];
if (hasServices()) places.push(['two nodes', twoNodes]);

describe.each(places)('answers of %s', (_name, createPlace) => {
  let place: Place;
  let ada: Learner;
  let firstCall: number;
  const viewers: Viewer[] = [];

  beforeAll(async () => {
    place = await createPlace();
  });
  afterAll(() => place.dispose());

  /** Of this test: calls are counted from where the test before ended. */
  const call = (index: number): Promise<TutorCall> => place.tutor.call(firstCall + index);
  const callCount = (): number => place.tutor.calls.length - firstCall;

  const begin = async (): Promise<void> => {
    ada = await createLearner(place.here);
    firstCall = place.tutor.calls.length;
  };

  const watchThere = (asked: Pick<Asked, 'conversationId' | 'cursor'>): Viewer => {
    const viewer = ada.watch(place.there, asked);
    viewers.push(viewer);
    return viewer;
  };

  afterEach(() => {
    for (const viewer of viewers.splice(0)) {
      viewer.stop();
      expect(viewer.violations).toEqual([]);
    }
  });

  test('[N1] [N4] [N8] an answer begins, grows by deltas and ends with exactly what was shown', async () => {
    await begin();
    const asked = await ada.ask(place.here, { text: 'Why?' });
    const viewer = watchThere(asked);
    const model = await call(0);
    expect(model.question).toBe('Why?');
    let whole = '';
    for (const piece of ['Because ', 'of 😀', ' all that.']) {
      model.say(piece);
      whole += piece;
      await viewer.shows(asked.answerId, whole, 1);
    }
    model.finish();
    expect(await viewer.end(asked.answerId)).toMatchObject({ __typename: 'AnswerFinished', text: whole });
    const types = viewer.typesOf(asked.answerId);
    expect(types.filter((type) => type !== 'AnswerDelta')).toEqual([
      'MessageAdded',
      'AnswerStarted',
      'AnswerFinished',
    ]);
    expect(types.filter((type) => type === 'AnswerDelta')).toHaveLength(3);
    expect(await ada.answers(place.there, asked.conversationId)).toMatchObject([
      {
        id: asked.answerId,
        text: whole,
        inReplyTo: asked.messageId,
        answer: { state: 'FINISHED', attempt: 1 },
      },
    ]);
  });

  test('[N6] who comes late first gets one delta at offset 0 with all the text so far', async () => {
    await begin();
    const asked = await ada.ask(place.here);
    const early = watchThere(asked);
    const model = await call(0);
    for (const piece of ['one ', 'two ']) {
      model.say(piece);
      await eventually(() => early.answer(asked.answerId).text.endsWith(piece));
    }
    const late = watch(place.there.client(ada.token), asked.conversationId);
    viewers.push(late);
    await late.ready();
    const order = late.events.map(({ __typename }) => __typename);
    expect(order).toEqual(['AnswerDelta', 'Ready']);
    expect(late.events[0]).toMatchObject({ attempt: 1, offset: 0, text: 'one two ' });
    model.say('three');
    model.finish();
    await late.end(asked.answerId);
    expect(late.deltas(asked.answerId).map(({ offset }) => offset)).toEqual([0, 8]);
  });

  test('[N5] a pair whose halves the model sends one by one arrives whole', async () => {
    await begin();
    const asked = await ada.ask(place.here);
    const viewer = watchThere(asked);
    const model = await call(0);
    model.say('a\ud83d');
    await viewer.shows(asked.answerId, 'a');
    model.say('\ude00b');
    model.finish();
    expect(await viewer.end(asked.answerId)).toMatchObject({ text: 'a😀b' });
  });

  test('[N9] a fast model is shown at most every 40 ms, and completely', async () => {
    await begin();
    const asked = await ada.ask(place.here);
    const viewer = watchThere(asked);
    const model = await call(0);
    await viewer.ready();
    const began = performance.now();
    let words = 0;
    await eventually(
      () => {
        for (let more = 0; more < 10; more += 1) model.say(`${words++} `);
        return performance.now() - began > 400;
      },
      { intervalMs: 1 },
    );
    model.finish();
    const end = await viewer.end(asked.answerId);
    const tookMs = performance.now() - began;
    expect(end.text).toBe(Array.from({ length: words }, (_, word) => `${word} `).join(''));
    // The last one comes with the end, whenever that is.
    expect(viewer.deltas(asked.answerId).length).toBeLessThanOrEqual(tookMs / 40 + 2);
    expect(words).toBeGreaterThan(100);
  });

  test('[N12] a stop ends the answer that is being made with what was published, and the model is left', async () => {
    await begin();
    const asked = await ada.ask(place.here);
    const viewer = watchThere(asked);
    const model = await call(0);
    model.say('So far');
    await viewer.shows(asked.answerId, 'So far');
    expect(await ada.stop(place.there, asked.answerId)).toMatchObject({ id: asked.answerId });
    const before = viewer.deltas(asked.answerId).length;
    // What is said before the other node has heard of the stop is published, and counts.
    await eventually(() => model.state === 'left');
    model.say(', and further');
    const end = await viewer.end(asked.answerId);
    expect(end).toMatchObject({ __typename: 'AnswerStopped', text: 'So far' });
    expect(viewer.deltas(asked.answerId)).toHaveLength(before);
    expect(model.state).toBe('left');
    expect(await ada.closed(place.here, asked)).toMatchObject({
      text: 'So far',
      answer: { state: 'STOPPED', failure: null },
    });
  });

  test('[N13] a stop of a waiting answer closes it at once, and of a closed one changes nothing', async () => {
    await begin();
    const first = await ada.ask(place.here);
    const viewer = watchThere(first);
    const model = await call(0);
    const second = await ada.ask(place.here, { conversationId: first.conversationId });
    expect(await ada.stop(place.there, second.answerId)).toMatchObject({ answer: { state: 'STOPPED' } });
    expect(await viewer.end(second.answerId)).toMatchObject({ __typename: 'AnswerStopped', text: '' });
    expect(viewer.typesOf(second.answerId)).not.toContain('AnswerStarted');
    model.say('Done.');
    model.finish();
    await viewer.end(first.answerId);
    for (const [answerId, state] of [
      [first.answerId, 'FINISHED'],
      [second.answerId, 'STOPPED'],
    ] as const) {
      expect(await ada.stop(place.there, answerId)).toMatchObject({ answer: { state } });
    }
    expect(viewer.events.filter(({ __typename }) => __typename === 'AnswerStopped')).toHaveLength(1);
    expect(callCount()).toBe(1);
  });

  test('[N3] [N14] answers wait for each other, are made in order, and at most five wait', async () => {
    await begin();
    const first = await ada.ask(place.here, { text: '0' });
    const { conversationId } = first;
    const viewer = watchThere(first);
    await call(0);
    const all = [first];
    for (let index = 1; index <= 5; index += 1) {
      const node = index % 2 ? place.there : place.here;
      all.push(await ada.ask(node, { conversationId, text: `${index}` }));
    }
    const refused = await ada.send(place.there, { conversationId, text: '6' });
    expect(refused).toEqual({
      __typename: 'AnswerInProgress',
      code: 'ANSWER_IN_PROGRESS',
      messageId: first.answerId,
    });
    for (const [index, asked] of all.entries()) {
      const model = await call(index);
      expect(model.question).toBe(`${index}`);
      expect(callCount()).toBe(index + 1);
      model.say(`Answer ${index}`);
      model.finish();
      await viewer.end(asked.answerId);
    }
    const starts = viewer.events.filter(({ __typename }) => __typename === 'AnswerStarted');
    expect(starts.map(({ messageId }) => messageId)).toEqual(all.map(({ answerId }) => answerId));
    // Nothing of the refused message was kept.
    expect(await ada.answers(place.here, conversationId)).toHaveLength(6);
  });

  test('[N14] REFUSE gives AnswerInProgress while one is open, and sends when none is', async () => {
    await begin();
    const first = await ada.ask(place.here);
    const { conversationId } = first;
    const model = await call(0);
    const input = { conversationId, whileAnswering: 'REFUSE', text: 'Now?' };
    expect(await ada.send(place.there, input)).toMatchObject({
      __typename: 'AnswerInProgress',
      messageId: first.answerId,
    });
    model.finish();
    await ada.closed(place.here, first);
    const second = await ada.ask(place.there, input);
    (await call(1)).finish();
    expect(await ada.closed(place.here, second)).toMatchObject({ answer: { state: 'FINISHED' } });
  });

  test('[N15] INTERRUPT stops the one being made and the sender’s waiting ones, and is answered next', async () => {
    await begin();
    const first = await ada.ask(place.here, { text: 'first' });
    const { conversationId } = first;
    const viewer = watchThere(first);
    const model = await call(0);
    model.say('Half');
    await viewer.shows(first.answerId, 'Half');
    const waiting = await ada.ask(place.here, { conversationId, text: 'waiting' });
    const urgent = await ada.ask(place.there, {
      conversationId,
      text: 'urgent',
      whileAnswering: 'INTERRUPT',
    });
    expect(await viewer.end(waiting.answerId)).toMatchObject({ __typename: 'AnswerStopped', text: '' });
    expect(await viewer.end(first.answerId)).toMatchObject({ __typename: 'AnswerStopped', text: 'Half' });
    expect(model.state).toBe('left');
    const next = await call(1);
    expect(next.question).toBe('urgent');
    next.say('Here.');
    next.finish();
    expect(await viewer.end(urgent.answerId)).toMatchObject({ __typename: 'AnswerFinished', text: 'Here.' });
    expect(callCount()).toBe(2);
  });

  test('[N16] a retry makes a new answer to the same message, once for each clientRetryId', async () => {
    await begin();
    const asked = await ada.ask(place.here, { text: 'Why?' });
    const viewer = watchThere(asked);
    const model = await call(0);
    model.say('Old.');
    expect(await ada.retry(place.there, asked.answerId)).toMatchObject({
      __typename: 'AnswerInProgress',
      messageId: asked.answerId,
    });
    model.finish();
    await viewer.end(asked.answerId);

    const results = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        ada.retry(index % 2 ? place.here : place.there, asked.answerId, 'again'),
      ),
    );
    const [created] = results;
    const answerId = created.answer.id;
    expect(created).toMatchObject({
      __typename: 'RetryAnswerSuccess',
      answer: { retryOf: asked.answerId, inReplyTo: asked.messageId },
    });
    expect(results.map(({ answer }) => answer.id)).toEqual(results.map(() => answerId));
    const again = await call(1);
    expect(again.question).toBe('Why?');
    again.say('New.');
    again.finish();
    expect(await viewer.end(answerId)).toMatchObject({ __typename: 'AnswerFinished', text: 'New.' });
    expect(callCount()).toBe(2);
    expect(await ada.answers(place.here, asked.conversationId)).toMatchObject([
      { id: asked.answerId, text: 'Old.', answer: { state: 'FINISHED' } },
      { id: answerId, text: 'New.', retryOf: asked.answerId, answer: { state: 'FINISHED' } },
    ]);
    expect(await ada.retry(place.here, asked.answerId)).toEqual({
      __typename: 'NotLastAnswer',
      code: 'NOT_LAST_ANSWER',
    });
  });

  test('[I1] a repeated clientMessageId gives the same answer and never calls the model again', async () => {
    await begin();
    const input = { clientMessageId: 'once', text: 'Why?' };
    const sent = await Promise.all(
      Array.from({ length: 10 }, (_, index) => ada.ask(index % 2 ? place.here : place.there, input)),
    );
    const [asked] = sent;
    if (!asked) throw new Error('nothing was sent');
    expect(sent).toEqual(sent.map(() => asked));
    const viewer = watchThere(asked);
    const model = await call(0);
    model.say('Once.');
    model.finish();
    await viewer.end(asked.answerId);
    expect(await ada.ask(place.there, input)).toEqual(asked);
    // Whatever a repeat could have begun would come before this one.
    const next = await ada.ask(place.here, { conversationId: asked.conversationId, text: 'Next?' });
    expect((await call(1)).question).toBe('Next?');
    (await call(1)).finish();
    await viewer.end(next.answerId);
    expect(callCount()).toBe(2);
    expect(viewer.typesOf(asked.answerId).filter((type) => type === 'AnswerStarted')).toHaveLength(1);
  });

  test('a message that wants no answer gets none', async () => {
    await begin();
    const sent = await ada.send(place.here, { answer: false });
    expect(sent.answer).toBeNull();
    const next = await ada.ask(place.here, { conversationId: sent.conversation.id, text: 'Now.' });
    const model = await call(0);
    expect(model.context.turns.map(({ text }) => text)).toEqual(['What is a group?', 'Now.']);
    model.finish();
    await ada.closed(place.here, next);
    expect(callCount()).toBe(1);
  });
});
