import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AnswerDelta, TypingSignal } from '../../src/domain/events.ts';
import { conversationTopic } from '../../src/domain/topics.ts';
import type { PubSub, TopicMessage, Trigger, TriggerMessage } from '../../src/pubsub/port.ts';
import { newId } from '../../src/util/id.ts';
import { eventually } from '../support/eventually.ts';

export interface PubSubPair {
  /** Two nodes on the same pub/sub; the same one twice when there can be only one. */
  readonly here: PubSub;
  readonly there: PubSub;
  dispose(): Promise<void>;
}

export const stopping = (messageId: string): TopicMessage => ({ kind: 'stopping', messageId });

/** A listener that keeps what it hears. */
export const listen = async <T extends Trigger>(pubSub: PubSub, trigger: T) => {
  const heard: TriggerMessage<T>[] = [];
  const stop = await pubSub.subscribe(trigger, (message) => heard.push(message));
  return { heard, stop };
};

const newTopic = () => conversationTopic(newId());

export const pubSubContract = (name: string, create: (now: () => number) => Promise<PubSubPair>): void => {
  describe(name, () => {
    let pair: PubSubPair;
    let here: PubSub;
    let there: PubSub;
    let time = Date.now();

    beforeAll(async () => {
      pair = await create(() => time);
      ({ here, there } = pair);
      await eventually(() => here.isUp && there.isUp);
    }, 20_000);
    afterAll(() => pair?.dispose());

    const delta = (fields: Partial<AnswerDelta>): AnswerDelta => ({
      messageId: 'm',
      conversationId: 'c',
      attempt: 1,
      offset: 0,
      text: '',
      startedSeq: 2,
      ...fields,
    });

    describe('messages', () => {
      test('a message published on one node is heard on the other as it was', async () => {
        const topic = newTopic();
        const { heard } = await listen(there, topic);
        await here.publish(topic, stopping('ä 😀'));
        await eventually(() => heard.length > 0);
        expect(heard).toEqual([stopping('ä 😀')]);
      });

      test('messages of one publisher on one trigger keep their order', async () => {
        const topic = newTopic();
        const { heard } = await listen(there, topic);
        const sent = Array.from({ length: 300 }, (_, at) => stopping(String(at)));
        await Promise.all(sent.map((message) => here.publish(topic, message)));
        await eventually(() => heard.length === sent.length);
        expect(heard).toEqual(sent);
      });

      test('two listeners of one trigger hear each message once', async () => {
        const topic = newTopic();
        const [one, two] = await Promise.all([listen(there, topic), listen(there, topic)]);
        await here.publish(topic, stopping('1'));
        await here.publish(topic, stopping('2'));
        await eventually(() => one.heard.length >= 2 && two.heard.length >= 2);
        expect([one.heard, two.heard]).toEqual([
          [stopping('1'), stopping('2')],
          [stopping('1'), stopping('2')],
        ]);
        // Parsed once for all of them.
        expect(one.heard[0]).toBe(two.heard[0]);
      });

      test('a listener hears its own trigger only', async () => {
        const [topic, other] = [newTopic(), newTopic()];
        const { heard } = await listen(there, topic);
        await here.publish(other, stopping('other'));
        await here.publish(topic, stopping('own'));
        await eventually(() => heard.length > 0);
        expect(heard).toEqual([stopping('own')]);
      });

      test('what is published right after subscribe has resolved is heard', async () => {
        const hits = await Promise.all(
          Array.from({ length: 50 }, async () => {
            const topic = newTopic();
            const { heard, stop } = await listen(there, topic);
            await here.publish(topic, stopping('at once'));
            await eventually(() => heard.length === 1);
            stop();
            return heard.length;
          }),
        );
        expect(hits).toEqual(hits.map(() => 1));
      });

      test('after unsubscribing nothing is heard, and the others hear on', async () => {
        const topic = newTopic();
        const gone = await listen(there, topic);
        const stays = await listen(there, topic);
        gone.stop();
        gone.stop();
        await here.publish(topic, stopping('1'));
        await eventually(() => stays.heard.length === 1);
        expect(gone.heard).toEqual([]);
      });

      test('subscribing again right after unsubscribing hears again', async () => {
        const topic = newTopic();
        for (let round = 0; round < 20; round += 1) {
          const { heard, stop } = await listen(there, topic);
          await here.publish(topic, stopping(String(round)));
          await eventually(() => heard.length === 1);
          stop();
        }
      });

      test('a listener may unsubscribe itself and the others while a message is delivered', async () => {
        const topic = newTopic();
        const undos: (() => void)[] = [];
        const heard: string[] = [];
        for (const name of ['first', 'second', 'third']) {
          undos.push(
            await there.subscribe(topic, () => {
              heard.push(name);
              for (const undo of undos) undo();
            }),
          );
        }
        await here.publish(topic, stopping('1'));
        await eventually(() => heard.length > 0);
        const later = await listen(there, topic);
        await here.publish(topic, stopping('2'));
        await eventually(() => later.heard.length > 0);
        expect({ heard, later: later.heard }).toEqual({ heard: ['first'], later: [stopping('2')] });
      });

      test('a listener that throws harms neither the publisher nor the other listeners', async () => {
        const topic = newTopic();
        await there.subscribe(topic, () => {
          throw new Error('a listener of the test');
        });
        const { heard } = await listen(there, topic);
        await here.publish(topic, stopping('1'));
        await eventually(() => heard.length === 1);
      });

      test('what a listener publishes does not overtake what it is hearing', async () => {
        const topic = newTopic();
        await here.subscribe(topic, (message) => {
          if (message.kind === 'stopping' && message.messageId === 'question') {
            void here.publish(topic, stopping('reply'));
          }
        });
        const { heard } = await listen(here, topic);
        await here.publish(topic, stopping('question'));
        await eventually(() => heard.length === 2);
        expect(heard).toEqual([stopping('question'), stopping('reply')]);
      });
    });

    describe('engine', () => {
      test('an iterator of the engine gives what is published', async () => {
        const topic = newTopic();
        const messages = there.engine.asyncIterableIterator<TopicMessage>(topic);
        const first = messages.next();
        const { heard } = await listen(there, topic);
        await here.publish(topic, stopping('1'));
        await eventually(() => heard.length === 1);
        expect(await first).toEqual({ value: stopping('1'), done: false });
        await messages.return();
      });

      test('a listener of the engine may unsubscribe itself and another while a message is delivered', async () => {
        const topic = newTopic();
        const { heard } = await listen(there, topic);
        const calls: string[] = [];
        const ids: number[] = [];
        for (const name of ['first', 'second']) {
          const onMessage = () => {
            calls.push(name);
            for (const id of ids.splice(0)) there.engine.unsubscribe(id);
          };
          ids.push(await there.engine.subscribe(topic, onMessage, {}));
        }
        await here.publish(topic, stopping('1'));
        await eventually(() => heard.length === 1);
        await here.publish(topic, stopping('2'));
        await eventually(() => heard.length === 2);
        expect(calls).toEqual(['first', 'second']);
      });

      test('return() of an idle iterator settles at once and ends the pending next()', async () => {
        const messages = there.engine.asyncIterableIterator<TopicMessage>(newTopic());
        const pending = messages.next();
        await listen(there, newTopic());
        expect(await messages.return()).toEqual({ value: undefined, done: true });
        expect((await pending).done).toBe(true);
      });

      test('return() before the first next() settles', async () => {
        const messages = there.engine.asyncIterableIterator<TopicMessage>(newTopic());
        expect((await messages.return()).done).toBe(true);
      });
    });

    describe('texts of answers', () => {
      const begin = async (fields: Partial<AnswerDelta> = {}) => {
        const ids = { messageId: newId(), conversationId: newId() };
        const { heard } = await listen(there, conversationTopic(ids.conversationId));
        const first = delta({ ...ids, text: 'Hello', ...fields });
        const result = await here.answerTexts.append(first);
        return { ids, heard, first, result };
      };

      test('an append stores, publishes and returns the length', async () => {
        const { ids, heard, first, result } = await begin();
        const second = delta({ ...ids, offset: 5, text: ', world' });
        expect([result, await here.answerTexts.append(second)]).toEqual([
          { kind: 'appended', length: 5 },
          { kind: 'appended', length: 12 },
        ]);
        expect(await there.answerTexts.read(ids.messageId)).toEqual({ attempt: 1, text: 'Hello, world' });
        await eventually(() => heard.length === 2);
        expect(heard).toEqual([
          { kind: 'delta', delta: first },
          { kind: 'delta', delta: second },
        ]);
      });

      test('lengths count UTF-16 code units', async () => {
        const { ids, result } = await begin({ text: '👩‍🎓 Straße ' });
        expect(result).toEqual({ kind: 'appended', length: '👩‍🎓 Straße '.length });
        const offset = '👩‍🎓 Straße '.length;
        expect(await here.answerTexts.append(delta({ ...ids, offset, text: '数学😀' }))).toEqual({
          kind: 'appended',
          length: offset + 4,
        });
        expect((await there.answerTexts.read(ids.messageId))?.text).toBe('👩‍🎓 Straße 数学😀');
      });

      test('a lower attempt is refused and not published', async () => {
        const { ids, heard } = await begin({ attempt: 2 });
        const stale = delta({ ...ids, offset: 5, text: ' stale' });
        expect(await here.answerTexts.append(stale)).toEqual({ kind: 'refused' });
        expect(await here.answerTexts.set({ ...stale, offset: 0 })).toEqual({ kind: 'refused' });
        await here.publish(conversationTopic(ids.conversationId), stopping('fence'));
        await eventually(() => heard.length === 2);
        expect(heard[1]).toEqual(stopping('fence'));
        expect(await there.answerTexts.read(ids.messageId)).toEqual({ attempt: 2, text: 'Hello' });
      });

      test('a higher attempt begins the text anew', async () => {
        const { ids } = await begin();
        expect(await here.answerTexts.append(delta({ ...ids, attempt: 2, text: 'Hi' }))).toEqual({
          kind: 'appended',
          length: 2,
        });
        expect(await there.answerTexts.read(ids.messageId)).toEqual({ attempt: 2, text: 'Hi' });
      });

      test('an append at another offset is neither stored nor published, and set heals it', async () => {
        const { ids, heard } = await begin();
        expect(await here.answerTexts.append(delta({ ...ids, offset: 9, text: 'lost' }))).toEqual({
          kind: 'appended',
          length: 5,
        });
        const whole = delta({ ...ids, text: 'Hello, world' });
        expect(await here.answerTexts.set(whole)).toEqual({ kind: 'appended', length: 12 });
        expect(await there.answerTexts.read(ids.messageId)).toEqual({ attempt: 1, text: 'Hello, world' });
        await eventually(() => heard.length === 2);
        expect(heard[1]).toEqual({ kind: 'delta', delta: whole });
      });

      test('appends of one turn each have their own result, and those of an answer are published in their order', async () => {
        const [grows, stale, other] = [await begin(), await begin({ attempt: 2 }), { messageId: newId() }];
        const { conversationId } = grows.ids;
        const appended = [
          delta({ ...grows.ids, offset: 5, text: ', world' }),
          delta({ ...stale.ids, offset: 5, text: ' stale' }),
          delta({ messageId: newId(), conversationId, offset: 40, text: 'tail' }),
          delta({ ...other, conversationId, text: 'Bye' }),
          delta({ ...grows.ids, offset: 12, text: '!' }),
        ];
        const results = await Promise.all(appended.map((each) => here.answerTexts.append(each)));
        expect(results).toEqual([
          { kind: 'appended', length: 12 },
          { kind: 'refused' },
          { kind: 'appended', length: 0 },
          { kind: 'appended', length: 3 },
          { kind: 'appended', length: 13 },
        ]);
        await eventually(() => grows.heard.length === 4);
        const deltas = grows.heard.slice(1).flatMap((heard) => (heard.kind === 'delta' ? [heard.delta] : []));
        const ofAnswer = (messageId: string) => deltas.filter((each) => each.messageId === messageId);
        expect(ofAnswer(grows.ids.messageId)).toEqual([appended[0], appended[4]]);
        // Two answers may lie on two nodes of a Cluster, which have no order between them.
        expect(ofAnswer(other.messageId)).toEqual([appended[3]]);
        expect((await there.answerTexts.read(grows.ids.messageId))?.text).toBe('Hello, world!');
        expect((await there.answerTexts.read(stale.ids.messageId))?.text).toBe('Hello');
        expect((await there.answerTexts.read(other.messageId))?.text).toBe('Bye');
      });

      test('an append to a text that is not known stores nothing and returns 0', async () => {
        const { ids, result } = await begin({ offset: 40, text: 'tail' });
        expect(result).toEqual({ kind: 'appended', length: 0 });
        expect(await there.answerTexts.read(ids.messageId)).toBeNull();
      });

      test('a closed answer has no text and refuses every attempt', async () => {
        const { ids } = await begin();
        await there.answerTexts.close(ids.messageId);
        expect(await here.answerTexts.read(ids.messageId)).toBeNull();
        const later = delta({ ...ids, attempt: 9, text: 'late' });
        expect(await here.answerTexts.append(later)).toEqual({ kind: 'refused' });
        expect(await here.answerTexts.set(later)).toEqual({ kind: 'refused' });
        expect(await here.answerTexts.read(ids.messageId)).toBeNull();
      });

      test('an answer that nobody began has no text', async () => {
        expect(await here.answerTexts.read(newId())).toBeNull();
      });
    });

    describe('typists', () => {
      const signal = (conversationId: string, fields: Partial<TypingSignal> = {}): TypingSignal => ({
        conversationId,
        author: { kind: 'LEARNER', id: 'ada', name: 'Ada' },
        connectionId: 'phone',
        isTyping: true,
        expiresAt: new Date(time + 6_000).toISOString(),
        ...fields,
      });

      test('a signal is published and listed on every node', async () => {
        const id = newId();
        const { heard } = await listen(there, `typing:${id}`);
        await here.typists.put(signal(id));
        expect(await there.typists.list(id)).toEqual([signal(id)]);
        await eventually(() => heard.length === 1);
        expect(heard).toEqual([signal(id)]);
      });

      test('each author and connection is one entry, oldest expiry first', async () => {
        const id = newId();
        const laptop = signal(id, {
          connectionId: 'laptop',
          expiresAt: new Date(time + 3_000).toISOString(),
        });
        await here.typists.put(signal(id));
        await there.typists.put(laptop);
        const renewed = signal(id, { expiresAt: new Date(time + 9_000).toISOString() });
        await here.typists.put(renewed);
        expect(await here.typists.list(id)).toEqual([laptop, renewed]);
      });

      test('one who stops typing leaves the list, and that is published', async () => {
        const id = newId();
        const { heard } = await listen(there, `typing:${id}`);
        await here.typists.put(signal(id));
        await here.typists.put(signal(id, { isTyping: false }));
        expect(await there.typists.list(id)).toEqual([]);
        await eventually(() => heard.length === 2);
        expect(heard[1]?.isTyping).toBe(false);
      });

      test('an entry ends by itself at its expiry', async () => {
        const id = newId();
        await here.typists.put(signal(id));
        time += 5_999;
        expect(await there.typists.list(id)).toHaveLength(1);
        time += 1;
        expect(await there.typists.list(id)).toEqual([]);
      });
    });

    test('dispose settles, twice, with subscriptions and an idle iterator open, and undoing afterwards is harmless', async () => {
      const mine = await create(Date.now);
      const { stop } = await listen(mine.here, newTopic());
      const messages = mine.here.engine.asyncIterableIterator<TopicMessage>(newTopic());
      const pending = messages.next();
      await mine.here.dispose();
      await mine.here.dispose();
      stop();
      await messages.return();
      expect((await pending).done).toBe(true);
      await mine.dispose();
    });
  });
};
