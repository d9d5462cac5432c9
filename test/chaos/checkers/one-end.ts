import { isClosed } from '../../../src/domain/answer.ts';
import { conversationTopic } from '../../../src/domain/topics.ts';
import { endStates } from '../../support/answer-ends.ts';
import type { StoredPlacement } from '../history.ts';
import { createChecker, type Judge } from './judge.ts';
import { toPlacements } from './placements.ts';
import { toStories } from './stories.ts';

const byMessage = (placements: readonly StoredPlacement[], isWanted: (type: string) => boolean) => {
  const groups = new Map<string, StoredPlacement[]>();
  for (const placement of placements) {
    const { type, messageId } = placement.body;
    if (messageId === undefined || !isWanted(type)) continue;
    groups.set(messageId, [...(groups.get(messageId) ?? []), placement]);
  }
  return groups;
};

/** Answers of one conversation are made one after the other (N3). */
const judgeTurns = (judge: Judge, conversationId: string, placements: readonly StoredPlacement[]): void => {
  let inProgress: string | null = null;
  for (const { body } of placements) {
    const { type, messageId = '' } = body;
    if (type === 'AnswerStarted') {
      judge.count();
      if (inProgress !== null) {
        judge.complain(`${messageId} was started while ${inProgress} was made`, {
          messageId,
          conversationId,
        });
      }
      inProgress = messageId;
    } else if (endStates[type] && messageId === inProgress) inProgress = null;
  }
};

/** One subscription is told one end: again only when it asked for the same replay again. */
const judgeTold = (judge: Judge, history: Parameters<typeof toStories>[0]): void => {
  const eventIds = new Map<string, string>();
  for (const { subscription, client, resumption, facts } of toStories(history)) {
    const told = new Set<string>();
    for (const fact of facts) {
      if (fact.kind === 'connected' && resumption === 'anew') told.clear();
      if (fact.kind !== 'received' || !endStates[fact.frame.__typename]) continue;
      judge.count();
      const { messageId = '', id = '', __typename } = fact.frame;
      const about = { client, subscription, messageId, atMs: fact.atMs };
      if (told.has(messageId))
        judge.complain(`${subscription}: a second end of ${messageId}, ${__typename}`, about);
      told.add(messageId);
      const known = eventIds.get(messageId) ?? id;
      eventIds.set(messageId, known);
      if (known !== id) judge.complain(`${messageId} ended by two events, ${known} and ${id}`, about);
    }
  }
};

/** Every answer is closed at the end, and by exactly one event (N2); started once, if at all (N3). */
export const checkOneEnd = createChecker('one-end', (judge, history, store) => {
  const placements = toPlacements(store);
  const deleted = new Set(store.conversations.filter((one) => one.isDeleted).map((one) => one.id));
  for (const { id } of store.conversations) {
    const ofConversation = placements.of(conversationTopic(id));
    const ends = byMessage(ofConversation, (type) => type in endStates);
    const starts = byMessage(ofConversation, (type) => type === 'AnswerStarted');
    judgeTurns(judge, id, ofConversation);
    for (const answer of store.answers.filter((one) => one.conversationId === id)) {
      judge.count();
      const { messageId, state, attempt } = answer;
      const about = { messageId, conversationId: id };
      const ended = ends.get(messageId) ?? [];
      const started = starts.get(messageId)?.length ?? 0;
      if (!isClosed(state)) judge.complain(`${messageId} is ${state} at the end`, about);
      // A deletion closes what is open without a word: nobody may hear of it any more.
      const least = isClosed(state) && !deleted.has(id) ? 1 : 0;
      if (ended.length > 1 || ended.length < least)
        judge.complain(`${messageId} has ${ended.length} ends in the store`, about);
      const other = ended.find(({ body }) => endStates[body.type] !== state);
      if (other) judge.complain(`${messageId} is ${state} and its end is ${other.body.type}`, about);
      if (started !== (attempt > 0 ? 1 : 0))
        judge.complain(`${messageId} was started ${started} times in ${attempt} attempts`, about);
    }
  }
  judgeTold(judge, history);
});
