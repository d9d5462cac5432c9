import { expect, test } from '@jest/globals';
import { createOutbox, type SendOutcome } from '../../../web/src/chat/outbox.ts';
import { loadSends, type PendingSend, unseenSends } from '../../../web/src/chat/pending-sends.ts';
import { retryDelayMs } from '../../../web/src/graphql/retry-clock.ts';
import type { KeyValueStorage } from '../../../web/src/ui/storage.ts';
import { eventually } from '../../support/eventually.ts';

const createMemory = (): KeyValueStorage => {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
};

const createTrial = (outcomes: SendOutcome[], storage = createMemory(), prefix = 'id') => {
  const sent: PendingSend[] = [];
  let ids = 0;
  const outbox = createOutbox({
    viewerId: 'ada',
    storage,
    send: async (send) => {
      sent.push(send);
      return outcomes.shift() ?? { kind: 'unreachable' };
    },
    newId: () => `${prefix}-${ids++}`,
    onBegun() {},
    retryMs: 600_000,
  });
  return { outbox, sent, storage };
};

const done = (messageId: string): SendOutcome => ({
  kind: 'sent',
  messageId,
  conversationId: 'c',
  cursor: 'x',
});
const states = (outbox: ReturnType<typeof createTrial>['outbox']) =>
  outbox.sends
    .get()
    .map(({ state }) => state.kind)
    .join();

test('messages of a conversation go out one after the other', async () => {
  const { outbox, sent } = createTrial([done('a'), done('b')]);
  outbox.add({ conversationId: 'c', text: 'One', lastMessageId: null });
  outbox.add({ conversationId: 'c', text: 'Two', lastMessageId: null });
  expect(sent.map(({ text }) => text)).toEqual(['One']);
  await eventually(() => states(outbox) === 'sent,sent');
  outbox.dispose();
});

test('what found no way to the server is kept, and goes out again under the same id', async () => {
  const first = createTrial([]);
  first.outbox.add({ conversationId: 'c', text: 'One', lastMessageId: null });
  await eventually(() => states(first.outbox) === 'queued');
  first.outbox.dispose();

  const second = createTrial([done('a')], first.storage);
  second.outbox.flush();
  await eventually(() => states(second.outbox) === 'sent');
  expect(second.sent[0]?.clientMessageId).toBe(first.sent[0]?.clientMessageId);
  expect(loadSends(first.storage, 'ada')).toEqual([]);
  second.outbox.dispose();
});

test('what is written before a conversation has begun goes into it', async () => {
  const { outbox, sent } = createTrial([done('a'), done('b')]);
  outbox.add({ conversationId: null, text: 'One', lastMessageId: null });
  outbox.add({ conversationId: null, text: 'Two', lastMessageId: null });
  await eventually(() => states(outbox) === 'sent,sent');
  expect(sent.map(({ conversationId }) => conversationId)).toEqual([null, 'c']);
  outbox.dispose();
});

test('two tabs keep what is unsent beside each other', async () => {
  const storage = createMemory();
  const one = createTrial([], storage, 'one');
  const two = createTrial([], storage, 'two');
  one.outbox.add({ conversationId: 'c', text: 'One', lastMessageId: null });
  two.outbox.add({ conversationId: 'c', text: 'Two', lastMessageId: null });
  await eventually(() => states(one.outbox) === 'queued' && states(two.outbox) === 'queued');
  expect(
    loadSends(storage, 'ada')
      .map(({ text }) => text)
      .sort(),
  ).toEqual(['One', 'Two']);
  one.outbox.discard('one-0');
  expect(loadSends(storage, 'ada').map(({ text }) => text)).toEqual(['Two']);
  one.outbox.dispose();
  two.outbox.dispose();
});

test('what was refused waits for a retry or a discard', async () => {
  const { outbox, sent, storage } = createTrial([{ kind: 'refused', reason: 'Too long.' }, done('a')]);
  outbox.add({ conversationId: 'c', text: 'One', lastMessageId: null });
  await eventually(() => states(outbox) === 'failed');
  outbox.flush();
  expect(sent).toHaveLength(1);
  expect(loadSends(storage, 'ada')).toHaveLength(1);
  outbox.retry('id-0');
  await eventually(() => states(outbox) === 'sent');
  outbox.discard('id-0');
  expect(outbox.sends.get()).toEqual([]);
  outbox.dispose();
});

test('a message whose event is quicker than its answer stands there once', () => {
  const message = (id: string) => ({ id, text: 'Yes', author: { id: 'ada' } });
  const send: PendingSend = {
    clientMessageId: '1',
    conversationId: 'c',
    text: 'Yes',
    lastMessageId: 'a',
    state: { kind: 'sending' },
  };
  expect(unseenSends([send], [message('a')], 'ada')).toEqual([send]);
  expect(unseenSends([send], [message('a'), message('b')], 'ada')).toEqual([]);
  const second = { ...send, clientMessageId: '2' };
  expect(unseenSends([send, second], [message('a'), message('b')], 'ada')).toEqual([second]);
});

test('waits grow from 300 ms to 5 s', () => {
  expect(retryDelayMs(0, () => 1)).toBe(300);
  expect(retryDelayMs(1, () => 1)).toBe(600);
  expect(retryDelayMs(20, () => 1)).toBe(5_000);
  expect(retryDelayMs(20, () => 0)).toBe(2_500);
});
