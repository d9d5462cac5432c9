import type { Frame, StoredPlacement } from '../history.ts';
import { createChecker } from './judge.ts';
import { toPlacements } from './placements.ts';
import { type Step, stepsOf } from './positions.ts';
import { toStories } from './stories.ts';

const comparedFields = ['conversationId', 'messageId', 'text', 'title', 'broadcastId'] as const;

/** In what a frame differs from the event in the store; null: in nothing. */
const difference = (frame: Frame, { eventId, body }: StoredPlacement): string | null => {
  if (frame.__typename !== body.type) return `is ${frame.__typename} and not ${body.type}`;
  if (frame.id !== eventId) return `has the id ${frame.id} and not ${eventId}`;
  for (const field of comparedFields) {
    if (frame[field] !== undefined && frame[field] !== body[field]) return `has another ${field}`;
  }
  if (frame.message?.id !== body.message?.id) return 'has another message';
  if (frame.message?.text !== body.message?.text) return 'has a message with another text';
  if (frame.failure?.code !== body.failure?.code) return 'has another failure';
  return null;
};

const orderFault = (step: Extract<Step, { kind: 'event' }>): string | null => {
  const { at, before } = step;
  if (!before) return 'came before Ready though no cursor was given';
  if (before.epoch !== at.epoch) return `is of the epoch ${at.epoch} and follows ${before.epoch}`;
  if (at.seq === before.seq) return 'came twice';
  return at.seq < before.seq ? `follows ${before.seq}` : null;
};

/**
 * The same order for all, equal to the store's (L1, L3, L15): in each topic of each subscription events only go forward, and
 * each is what the store holds at its place. A replay after a cursor, a Resync and a beginning anew set the place.
 */
export const checkOrder = createChecker('order', (judge, history, store) => {
  const placements = toPlacements(store);
  for (const story of toStories(history)) {
    const { client, subscription } = story;
    for (const step of stepsOf(story)) {
      if (step.kind === 'malformed') {
        const what = `${step.frame.__typename} of ${step.frame.topic} has no cursor of its topic`;
        judge.complain(what, { client, subscription, atMs: step.atMs });
      }
      if (step.kind !== 'event') continue;
      judge.count();
      const { at, frame, atMs } = step;
      const about = { client, subscription, topic: at.topic, atMs };
      const name = `${frame.__typename} at ${at.topic} ${at.seq}`;
      const fault = orderFault(step);
      if (fault) judge.complain(`${subscription}: ${name} ${fault}`, about);
      if (at.epoch !== store.epoch) continue;
      const stored = placements.at(at.topic, at.seq);
      const different = stored ? difference(frame, stored) : 'is not in the store';
      if (different) judge.complain(`${subscription}: ${name} ${different}`, about);
    }
  }
});
