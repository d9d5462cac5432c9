import { parseCursor } from '../../../src/domain/cursor.ts';
import { broadcastTopic, conversationTopic, userTopic } from '../../../src/domain/topics.ts';
import type { FactOf, FinalStore, History } from '../history.ts';
import { rightsDeadline } from './bounds.ts';
import { type Conditions, toConditions } from './conditions.ts';
import { checkCuts } from './cuts.ts';
import { createChecker, type Judge } from './judge.ts';
import { type Placements, toPlacements } from './placements.ts';
import { isOpenAt, type Story, settledOf, toStories } from './stories.ts';

interface Scene {
  readonly judge: Judge;
  readonly history: History;
  readonly store: FinalStore;
  readonly placements: Placements;
  readonly conditions: Conditions;
  readonly access: Access;
}

/** Who ever had the right to a conversation, and who got it again after losing it: of those, time alone cannot judge. */
interface Access {
  mayHave(userId: string, conversationId: string): boolean;
  cameBack(userId: string, conversationId: string): boolean;
  removedAtMs(userId: string, conversationId: string): number | undefined;
}

const toAccess = (history: History, store: FinalStore): Access => {
  const owners = new Map(store.conversations.map(({ id, ownerId }) => [id, ownerId]));
  const added = new Map<string, number[]>();
  const removed = new Map<string, number>();
  const keyOf = (userId: string, conversationId: string): string => `${conversationId} ${userId}`;
  for (const fact of history.facts) {
    if (fact.kind !== 'participant-add-called' && fact.kind !== 'removal-acknowledged') continue;
    const key = keyOf(fact.userId, fact.conversationId);
    if (fact.kind === 'participant-add-called') added.set(key, [...(added.get(key) ?? []), fact.atMs]);
    else if (!removed.has(key)) removed.set(key, fact.atMs);
  }
  return {
    mayHave: (userId, conversationId) =>
      owners.get(conversationId) === userId || added.has(keyOf(userId, conversationId)),
    cameBack(userId, conversationId) {
      const key = keyOf(userId, conversationId);
      const times = added.get(key) ?? [];
      const removedAtMs = removed.get(key);
      return removedAtMs === undefined ? times.length > 1 : times.some((atMs) => atMs >= removedAtMs);
    },
    removedAtMs: (userId, conversationId) => removed.get(keyOf(userId, conversationId)),
  };
};

/** Where the right of this user to the conversation ended; undefined: it did not. */
const endOfRight = ({ placements, access }: Scene, userId: string, conversationId: string) => {
  if (access.cameBack(userId, conversationId)) return undefined;
  return placements
    .of(conversationTopic(conversationId))
    .find(({ body }) => body.type === 'AccessEnded' && (body.userId === null || body.userId === userId))?.seq;
};

const judgeTopic = (scene: Scene, story: Story, { frame, atMs }: FactOf<'received'>): void => {
  const own =
    story.conversationId === null ? userTopic(story.userId) : conversationTopic(story.conversationId);
  if (frame.topic === undefined || frame.topic === own || frame.topic === broadcastTopic) return;
  const { client, subscription } = story;
  const what = `${subscription}: ${frame.__typename} is of ${frame.topic} and not of ${own}`;
  scene.judge.complain(what, { client, subscription, topic: frame.topic, atMs });
};

/** Seqs of the answers' beginnings: a delta of one that began after the right ended is not the viewer's. */
const startsOf = (placements: Placements, conversationId: string): Map<string, number> =>
  new Map(
    placements
      .of(conversationTopic(conversationId))
      .flatMap(({ body, seq }) =>
        body.type === 'AnswerStarted' && body.messageId !== undefined ? [[body.messageId, seq] as const] : [],
      ),
  );

const seqOf = (cursor: string): number => {
  try {
    return parseCursor(cursor).seq;
  } catch {
    // Checker `order` complains of it.
    return 0;
  }
};

const judgeRemoved = (scene: Scene, story: Story, conversationId: string, endSeq: number): void => {
  const { judge, placements, conditions, access, history } = scene;
  const { client, subscription, userId } = story;
  const starts = startsOf(placements, conversationId);
  const ackMs = access.removedAtMs(userId, conversationId);
  judge.count();
  for (const fact of story.facts) {
    if (fact.kind !== 'received') continue;
    const { frame, atMs } = fact;
    const about = { client, subscription, conversationId, userId, atMs };
    const name = `${subscription}: ${frame.__typename}`;
    if (frame.__typename === 'AnswerDelta') {
      const startedSeq = starts.get(frame.messageId ?? '') ?? 0;
      if (startedSeq > endSeq) judge.complain(`${name} is of an answer begun after the right ended`, about);
      if (ackMs === undefined || atMs <= ackMs) continue;
      if (atMs > rightsDeadline(conditions, client, ackMs, atMs)) {
        judge.complain(`${name} came ${Math.round(atMs - ackMs)} ms after the removal`, about);
      }
    } else if (frame.topic === conversationTopic(conversationId) && frame.cursor !== undefined) {
      const seq = seqOf(frame.cursor);
      if (seq > endSeq)
        judge.complain(`${name} at ${seq} is behind the end of the right at ${endSeq}`, about);
    }
  }
  const settled = settledOf(history);
  if (settled && isOpenAt(story, settled)) {
    judge.complain(`${subscription} outlived the right`, { client, subscription, conversationId, userId });
  }
};

const judgeStory = (scene: Scene, story: Story): void => {
  const { conversationId, userId, client, subscription, facts } = story;
  for (const fact of facts) if (fact.kind === 'received') judgeTopic(scene, story, fact);
  if (conversationId === null) return;
  const first = facts.find((fact) => fact.kind === 'received');
  if (first && !scene.access.mayHave(userId, conversationId)) {
    const what = `${subscription}: ${userId} never had a right to ${conversationId}`;
    scene.judge.complain(what, { client, subscription, conversationId, userId, atMs: first.atMs });
  }
  const endSeq = endOfRight(scene, userId, conversationId);
  if (endSeq !== undefined) judgeRemoved(scene, story, conversationId, endSeq);
};

/** Nothing of a conversation is placed in the topic of a user who was removed from it. */
const judgeStore = ({ judge, store, access, placements }: Scene): void => {
  const topics = new Set(
    store.placements.map(({ topic }) => topic).filter((topic) => topic.startsWith('user:')),
  );
  for (const topic of topics) {
    const userId = topic.slice('user:'.length);
    const removedFrom = new Set<string>();
    for (const { body, seq } of placements.of(topic)) {
      const { conversationId, type } = body;
      if (conversationId === undefined || access.cameBack(userId, conversationId)) continue;
      if (removedFrom.has(conversationId)) {
        judge.complain(`${topic} ${seq}: ${type} is placed after the removal`, {
          topic,
          conversationId,
          userId,
        });
      }
      if (type !== 'ConversationRemoved') continue;
      judge.count();
      removedFrom.add(conversationId);
    }
  }
};

/**
 * No bytes to who has no right to them (A3, A7 to A10): nothing of a conversation from the position on at which the right
 * ended, and nothing at all later than the bound after a block, a disconnect and the end of a token.
 */
export const checkRights = createChecker('rights', (judge, history, store) => {
  const conditions = toConditions(history);
  const access = toAccess(history, store);
  const scene = { judge, history, store, placements: toPlacements(store), conditions, access };
  for (const story of toStories(history)) judgeStory(scene, story);
  judgeStore(scene);
  checkCuts(judge, history, conditions);
});
