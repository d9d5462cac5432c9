import { conversationTopic } from '../../../src/domain/topics.ts';
import { factsOf, type History } from '../history.ts';
import { createChecker } from './judge.ts';
import { type Placements, toPlacements } from './placements.ts';
import { stepsOf } from './positions.ts';
import { type Story, toStories } from './stories.ts';

/** What the server may end a subscription with for good: the right is gone, and with it the reason to come back. */
const rightful: readonly string[] = ['NOT_FOUND', 'FORBIDDEN', '4401'];

/** Of one who is blocked between the acknowledgement of a socket and its subscribe; nodes hear late of an unblocking. */
const ofBlocked = 'UNAUTHENTICATED';
const lateMs = 2_000;

const wasBlocked = (history: History, userId: string, atMs: number): boolean => {
  let isBlocked = false;
  for (const fact of history.facts) {
    if (fact.atMs > atMs) break;
    if (fact.kind === 'block-called' && fact.userId === userId) isBlocked = true;
    if (fact.kind === 'unblock-called' && fact.userId === userId && fact.atMs < atMs - lateMs)
      isBlocked = false;
  }
  return isBlocked;
};

/** Its right ended behind the place where it stood: who is added again begins again after that. */
const lostRight = (placements: Placements, story: Story): boolean => {
  if (story.conversationId === null) return false;
  const topic = conversationTopic(story.conversationId);
  const stood = stepsOf(story).flatMap((step) =>
    'at' in step && step.at.topic === topic ? step.at.seq : [],
  );
  const last = stood.at(-1) ?? 0;
  return placements
    .of(topic)
    .some(
      ({ seq, body }) =>
        seq > last && body.type === 'AccessEnded' && (body.userId === null || body.userId === story.userId),
    );
};

/**
 * A subscription of edagent-client outlives every temporary failure: only a lost right, or its own user, ends it. Other
 * clients are told of a failure by its error; by `complete` nobody is told of any, so that it must be a lost right too.
 */
export const checkKeptSubscriptions = createChecker('kept-subscriptions', (judge, history, store) => {
  const placements = toPlacements(store);
  const stories = new Map(toStories(history).map((story) => [story.subscription, story]));
  judge.count(stories.size);
  for (const { client, subscription, how, code, atMs } of factsOf(history, 'subscription-ended')) {
    const story = stories.get(subscription);
    if (!story) continue;
    const about = { client, subscription, atMs };
    if (how === 'complete' && !lostRight(placements, story)) {
      judge.complain(`${subscription} was completed and its user still has the right`, about);
    }
    if (how !== 'error' || story.resumption !== 'helper') continue;
    if (code === ofBlocked && wasBlocked(history, story.userId, atMs)) continue;
    if (code !== undefined && !rightful.includes(code)) {
      judge.complain(`${subscription} was ended with ${code} and does not come back`, about);
    }
  }
});
