import { expect, test } from '@jest/globals';
import { createKeptSends } from '../../../web/src/chat/kept-sends.ts';
import { createOutbox, type SendOutcome } from '../../../web/src/chat/outbox.ts';
import { type PendingSend, unseenSends } from '../../../web/src/chat/pending-sends.ts';
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
  const begun: (string | undefined)[][] = [];
  let ids = 0;
  const outbox = createOutbox({
    viewerId: 'ada',
    storage,
    send: async (send) => {
      sent.push(send);
      return outcomes.shift() ?? { kind: 'unreachable' };
    },
    newId: () => `${prefix}-${ids++}`,
    onBegun: (...what) => void begun.push(what),
    retryMs: 600_000,
  });
  return { outbox, sent, begun, storage };
};

const storedIn = (storage: KeyValueStorage) => createKeptSends(storage, 'ada').load();

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
  expect(storedIn(first.storage)).toEqual([]);
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
    storedIn(storage)
      .map(({ text }) => text)
      .sort(),
  ).toEqual(['One', 'Two']);
  one.outbox.discard('one-0');
  expect(storedIn(storage).map(({ text }) => text)).toEqual(['Two']);
  one.outbox.dispose();
  two.outbox.dispose();
});

/** Two tabs that have loaded the same unsent message. */
const createTwins = async (ofTwo: SendOutcome[], conversationId: string | null = 'c') => {
  const storage = createMemory();
  const before = createTrial([], storage);
  before.outbox.add({ conversationId, text: 'One', lastMessageId: null });
  await eventually(() => states(before.outbox) === 'queued');
  before.outbox.dispose();
  return { one: createTrial([], storage, 'one'), two: createTrial(ofTwo, storage, 'two'), storage };
};

test('what one tab discards is gone in the other, and is not stored again', async () => {
  const { one, two, storage } = await createTwins([]);
  one.outbox.discard('id-0');
  two.outbox.lookAgain();
  expect(two.outbox.sends.get()).toEqual([]);
  two.outbox.add({ conversationId: 'c', text: 'Two', lastMessageId: null });
  expect(storedIn(storage).map(({ text }) => text)).toEqual(['Two']);
  one.outbox.dispose();
  two.outbox.dispose();
});

test('what one tab delivers or discards, the other does not send, though nobody told it', async () => {
  const { one, two, storage } = await createTwins([done('a')]);
  two.outbox.flush();
  await eventually(() => states(two.outbox) === 'sent');
  one.outbox.flush();
  expect(one.sent).toEqual([]);
  expect(one.outbox.sends.get()).toEqual([]);
  expect(storedIn(storage)).toEqual([]);
  one.outbox.dispose();
  two.outbox.dispose();
});

test('what one tab has begun goes on there in the other, with what was written in the same pane', async () => {
  const storage = createMemory();
  const one = createTrial([{ kind: 'unreachable' }, done('a'), done('b')], storage, 'one');
  one.outbox.add({ conversationId: null, text: 'One', lastMessageId: null });
  one.outbox.add({ conversationId: null, text: 'Two', lastMessageId: null });
  await eventually(() => states(one.outbox) === 'queued,queued');
  const two = createTrial([], storage, 'two');
  two.outbox.add({ conversationId: null, text: 'Three', lastMessageId: null });
  await eventually(() => states(two.outbox) === 'queued,queued,queued');
  const before = two.sent.length;

  one.outbox.flush();
  await eventually(() => states(one.outbox) === 'sent,sent');
  expect(one.begun).toEqual([['c', 'x']]);
  two.outbox.flush();
  expect(two.sent.slice(before).map(({ text, conversationId }) => [text, conversationId])).toEqual([
    ['Three', 'c'],
  ]);
  expect(two.begun).toEqual([['c']]);
  one.outbox.dispose();
  two.outbox.dispose();
  const [later] = createTrial([], storage).outbox.sends.get();
  expect([later?.text, later?.conversationId]).toEqual(['Three', 'c']);
});

test('what another tab has only discarded begins no conversation', async () => {
  const { one, two } = await createTwins([], null);
  two.outbox.add({ conversationId: null, text: 'Two', lastMessageId: null });
  await eventually(() => states(two.outbox) === 'queued,queued');
  one.outbox.discard('id-0');
  two.outbox.lookAgain();
  expect(two.outbox.sends.get().map(({ text, conversationId }) => [text, conversationId])).toEqual([
    ['Two', null],
  ]);
  expect(two.begun).toEqual([]);
  one.outbox.dispose();
  two.outbox.dispose();
});

test('what is discarded elsewhere while it is on its way is not tried again', async () => {
  const { one, two, storage } = await createTwins([]);
  two.outbox.flush();
  expect(states(two.outbox)).toBe('sending');
  one.outbox.discard('id-0');
  two.outbox.lookAgain();
  expect(states(two.outbox)).toBe('sending');
  await eventually(() => two.outbox.sends.get().length === 0);
  expect(storedIn(storage)).toEqual([]);
  one.outbox.dispose();
  two.outbox.dispose();
});

test('a try writes nothing: it would bring back what another tab discards at that moment', async () => {
  const storage = createMemory();
  const writes: string[] = [];
  const watched: KeyValueStorage = {
    ...storage,
    setItem(key, value) {
      writes.push(value);
      storage.setItem(key, value);
    },
  };
  const { outbox, sent } = createTrial([], watched);
  outbox.add({ conversationId: 'c', text: 'One', lastMessageId: null });
  await eventually(() => states(outbox) === 'queued');
  outbox.flush();
  await eventually(() => states(outbox) === 'queued');
  expect(sent).toHaveLength(2);
  expect(writes).toHaveLength(1);
  outbox.dispose();
});

test('a browser that stores nothing takes nothing away', async () => {
  const { outbox } = createTrial([], { getItem: () => null, setItem() {}, removeItem() {} });
  outbox.add({ conversationId: 'c', text: 'One', lastMessageId: null });
  await eventually(() => states(outbox) === 'queued');
  outbox.lookAgain();
  expect(states(outbox)).toBe('queued');
  outbox.dispose();
});

test('what was refused waits for a retry or a discard', async () => {
  const { outbox, sent, storage } = createTrial([{ kind: 'refused', reason: 'Too long.' }, done('a')]);
  outbox.add({ conversationId: 'c', text: 'One', lastMessageId: null });
  await eventually(() => states(outbox) === 'failed');
  outbox.flush();
  expect(sent).toHaveLength(1);
  expect(storedIn(storage)).toHaveLength(1);
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
