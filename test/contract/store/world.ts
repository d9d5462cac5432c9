import { expect } from '@jest/globals';
import type { Conversation, User } from '../../../src/domain/entities.ts';
import type { PlacedEvent, StoredEvent } from '../../../src/domain/events.ts';
import { conversationTopic, type Topic, userTopic } from '../../../src/domain/topics.ts';
import type { AnswerLease, Beat, SendInput, SendOutcome, Sent, Store } from '../../../src/store/port.ts';
import { newId } from '../../../src/util/id.ts';
import type { TestDatabase } from '../../support/stores.ts';

/** A clock that never gives the same time twice, so that order by time is order of calls. */
export const createTestClock = () => {
  let ms = Date.parse('2026-01-01T00:00:00.000Z');
  return {
    now() {
      ms += 1;
      return new Date(ms);
    },
    advance(byMs: number) {
      ms += byMs;
    },
  };
};

export interface StoreWorld {
  readonly database: TestDatabase;
  readonly store: Store;
  /** The same database as another node sees it. */
  readonly other: Store;
  readonly clock: ReturnType<typeof createTestClock>;
}

export type GetWorld = () => StoreWorld;

export const openWorld = async (create: () => Promise<TestDatabase>): Promise<StoreWorld> => {
  const database = await create();
  const clock = createTestClock();
  const store = await database.openStore({ now: clock.now });
  const other = await database.openStore({ now: clock.now });
  return { database, store, other, clock };
};

export const addUser = (store: Store, name = 'Ada'): Promise<User> =>
  store.users.ensure({ id: `${name.toLowerCase()}-${newId()}`, name, role: 'LEARNER' });

/** The outcome when it has this kind; otherwise the test fails with what it was. */
export const expectKind = <O extends { kind: string }, K extends O['kind']>(
  outcome: O,
  kind: K,
): Extract<O, { kind: K }> => {
  expect(outcome).toMatchObject({ kind });
  return outcome as Extract<O, { kind: K }>;
};

export const addConversation = async (
  store: Store,
  owner: User,
  others: readonly User[] = [],
  title: string | null = 'Algebra',
): Promise<Conversation> => {
  const created = await store.conversations.create({
    ownerId: owner.id,
    clientConversationId: newId(),
    title,
  });
  const { id } = expectKind(created, 'created').result;
  for (const other of others) {
    expectKind(await store.conversations.addParticipant(id, owner.id, other.id), 'done');
  }
  const conversation = await store.conversations.find(id, owner.id);
  if (!conversation) throw new Error('the conversation is not there');
  return conversation;
};

export const toSend = (
  author: User,
  conversationId: string | null,
  more: Partial<SendInput> = {},
): SendInput => ({
  author: { id: author.id, name: author.name },
  clientMessageId: newId(),
  conversationId,
  text: 'What is a group?',
  answer: true,
  whileAnswering: 'WAIT',
  tutorName: 'Tutor',
  ...more,
});

export const send = async (
  store: Store,
  author: User,
  conversationId: string | null,
  more: Partial<SendInput> = {},
): Promise<Sent & { placed: readonly PlacedEvent[] }> => {
  const outcome: SendOutcome = await store.messages.send(toSend(author, conversationId, more));
  const { result, placed } = expectKind(outcome, 'sent');
  return { ...result, placed };
};

/** Sends a message that asks for an answer. */
export const ask = async (
  store: Store,
  author: User,
  conversationId: string | null,
  more: Partial<SendInput> = {},
) => {
  const sent = await send(store, author, conversationId, more);
  if (!sent.answer) throw new Error('no answer was made');
  return { ...sent, answer: sent.answer };
};

/** A node that lives as long as any test. */
export const addNode = async (store: Store): Promise<string> => {
  const id = `node-${newId()}`;
  await store.nodes.renew(id, 600_000);
  return id;
};

/** The beat of a node that lives as long as any test. */
export const beat = (store: Store, nodeId: string, stopOverdueMs = 600_000): Promise<Beat> =>
  store.answers.beat(nodeId, { leaseMs: 600_000, stopOverdueMs });

export const claimable = (store: Store, options = { orphans: true }): Promise<string[]> =>
  store.answers.claimable(1_000, options);

export const claim = async (store: Store, messageId: string, nodeId: string): Promise<AnswerLease> => {
  const { result } = await store.answers.claim(messageId, nodeId, 3);
  if (!result) throw new Error('the answer could not be claimed');
  return result;
};

export const checkpoint = (store: Store, lease: AnswerLease, offset: number, text: string): Promise<void> =>
  store.answers.checkpoint([
    { messageId: lease.messageId, generation: lease.generation, attempt: lease.attempt, offset, text },
  ]);

export const finish = (store: Store, lease: AnswerLease, text: string) =>
  store.answers.close({
    messageId: lease.messageId,
    generation: lease.generation,
    state: 'FINISHED',
    text,
    failure: null,
    usage: { inputTokens: 7, outputTokens: 11 },
  });

/** Asks, makes the answer and finishes it. */
export const askAndFinish = async (
  store: Store,
  author: User,
  conversationId: string | null,
  text = 'So.',
) => {
  const sent = await ask(store, author, conversationId);
  const node = await addNode(store);
  await finish(store, await claim(store, sent.answer.id, node), text);
  await store.nodes.end(node);
  return sent;
};

/** All events of a topic, which are dense and the newest of which is the topic's seq. */
export const readTopic = async (store: Store, topic: Topic): Promise<StoredEvent[]> => {
  const { state, events } = await store.log.read(topic, 0, 100_000);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => state.floor + index + 1));
  expect(events.at(-1)?.seq ?? state.floor).toBe(state.seq);
  return events.map(({ event }) => event);
};

export const typesOf = (events: readonly StoredEvent[]): string[] => events.map(({ type }) => type);

/** In an order that does not depend on how they were found. */
export const sorted = (values: readonly string[]): string[] => [...values].sort((a, b) => (a < b ? -1 : 1));

/** What was placed in one topic, in order. */
export const placedIn = (placed: readonly PlacedEvent[], topic: Topic): StoredEvent[] =>
  placed.filter((one) => one.topic === topic).map(({ event }) => event);

export const topicsOfPlaced = (placed: readonly PlacedEvent[]): Topic[] => [
  ...new Set(placed.map(({ topic }) => topic)),
];

export const topicsFor = (conversationId: string, ...users: readonly User[]): Topic[] => [
  conversationTopic(conversationId),
  ...users.map((user) => userTopic(user.id)),
];

export const forward = (limit: number, after: string | null = null) =>
  ({ direction: 'forward', limit, after }) as const;
export const backward = (limit: number, before: string | null = null) =>
  ({ direction: 'backward', limit, before }) as const;
