import { conversationTopic } from '../../../src/domain/topics.ts';
import type { FactOf, FinalStore, History, StoredMessage } from '../history.ts';
import { createChecker, type Judge } from './judge.ts';
import { toPlacements } from './placements.ts';
import { usersOf } from './stories.ts';

/** Refusals that say: nothing is kept. After any other failure the message may be there or not. */
const refusals = new Set(['AnswerInProgress', 'RATE_LIMITED', 'BAD_INPUT', 'NOT_FOUND', 'FORBIDDEN']);

type Acknowledged = FactOf<'send-acknowledged'>;

/** What became of the calls with one clientMessageId. */
interface Sent {
  calls: number;
  refusals: number;
  text: string | null;
  acknowledged: Acknowledged | null;
}

const judgeRepeat = (judge: Judge, first: Acknowledged, fact: Acknowledged): void => {
  const isSame =
    first.messageId === fact.messageId &&
    first.answerId === fact.answerId &&
    first.conversationId === fact.conversationId;
  if (isSame) return;
  const { clientMessageId, messageId, client, atMs } = fact;
  judge.complain(`${clientMessageId} was acknowledged as two messages`, { client, messageId, atMs });
};

const collectSent = (judge: Judge, history: History): Map<string, Sent> => {
  const users = usersOf(history);
  const sent = new Map<string, Sent>();
  for (const fact of history.facts) {
    if (fact.kind !== 'send-called' && fact.kind !== 'send-failed' && fact.kind !== 'send-acknowledged')
      continue;
    const key = `${users.get(fact.client)} ${fact.clientMessageId}`;
    const known = sent.get(key) ?? { calls: 0, refusals: 0, text: null, acknowledged: null };
    sent.set(key, known);
    if (fact.kind === 'send-called') {
      known.calls += 1;
      known.text = fact.text;
    } else if (fact.kind === 'send-failed') known.refusals += refusals.has(fact.code) ? 1 : 0;
    else {
      judge.count();
      if (known.acknowledged) judgeRepeat(judge, known.acknowledged, fact);
      known.acknowledged ??= fact;
    }
  }
  return sent;
};

const judgeAcknowledged = (
  judge: Judge,
  store: FinalStore,
  { messageId, answerId, text, client, clientMessageId, conversationId, atMs }: Acknowledged,
  stored: readonly StoredMessage[],
): void => {
  const complain = (what: string): void =>
    judge.complain(`${clientMessageId} ${what}`, { client, messageId, conversationId, atMs });
  const [message, ...others] = stored;
  if (!message) {
    complain('was acknowledged and is not in the store');
    return;
  }
  if (others.length > 0) complain(`is ${stored.length} times in the store`);
  if (message.id !== messageId) complain(`was acknowledged as ${messageId} and is ${message.id}`);
  const isDeleted = store.conversations.some((one) => one.id === conversationId && one.isDeleted);
  if (!isDeleted && message.text !== text) complain('has another text in the store');
  const answer = store.answers.find((one) => one.messageId === answerId);
  if (answerId !== null && answer?.inReplyTo !== messageId)
    complain(`has no answer ${answerId} in the store`);
};

/** Every message is told to its conversation once. */
const judgeAdded = (judge: Judge, store: FinalStore): void => {
  const placements = toPlacements(store);
  for (const { id: conversationId } of store.conversations) {
    const added = placements
      .of(conversationTopic(conversationId))
      .flatMap(({ body }) => (body.type === 'MessageAdded' ? [body.message?.id] : []));
    for (const { id: messageId } of store.messages.filter((one) => one.conversationId === conversationId)) {
      const times = added.filter((id) => id === messageId).length;
      if (times !== 1) judge.complain(`${messageId} was added ${times} times`, { messageId, conversationId });
    }
  }
};

const judgeRetries = (judge: Judge, history: History, store: FinalStore): void => {
  const known = new Map<string, string>();
  for (const fact of history.facts) {
    if (fact.kind !== 'retry-acknowledged') continue;
    judge.count();
    const { clientRetryId, answerId, retryOf, client, atMs } = fact;
    const about = { client, messageId: answerId, atMs };
    const first = known.get(clientRetryId) ?? answerId;
    known.set(clientRetryId, first);
    if (first !== answerId) judge.complain(`${clientRetryId} was acknowledged as two answers`, about);
    const stored = store.messages.find((one) => one.id === answerId);
    if (stored?.retryOf !== retryOf) judge.complain(`${clientRetryId} has no answer in the store`, about);
  }
};

/** No acknowledged message is lost, none is there twice, and none that was refused or never sent (I1, I4, L18, N14). */
export const checkAcknowledgedMessages = createChecker('acknowledged-messages', (judge, history, store) => {
  const sent = collectSent(judge, history);
  const stored = new Map<string, StoredMessage[]>();
  for (const message of store.messages) {
    if (message.authorKind !== 'LEARNER') continue;
    const key = `${message.authorId} ${message.clientMessageId}`;
    stored.set(key, [...(stored.get(key) ?? []), message]);
  }
  for (const [key, { acknowledged, calls, refusals: refused }] of sent) {
    const inStore = stored.get(key) ?? [];
    if (acknowledged) judgeAcknowledged(judge, store, acknowledged, inStore);
    else if (calls === refused && inStore.length > 0) {
      judge.complain(`${key} was refused and is in the store`, { messageId: inStore[0]?.id ?? '' });
    } else if (inStore.length > 1) judge.complain(`${key} is ${inStore.length} times in the store`, {});
  }
  for (const [key, [message]] of stored) {
    if (!sent.has(key)) judge.complain(`${key} was never sent`, { messageId: message?.id ?? '' });
  }
  judgeAdded(judge, store);
  judgeRetries(judge, history, store);
});
