import { stopDeadline } from './bounds.ts';
import { toConditions } from './conditions.ts';
import { createChecker } from './judge.ts';
import { toStories } from './stories.ts';

/**
 * No delta later than the bound after an acknowledged stop, and none after `AnswerStopped` (N12). What a fault holds up on
 * its way counts from when it is let go.
 */
export const checkAfterStop = createChecker('after-stop', (judge, history) => {
  const conditions = toConditions(history);
  const stops = new Map<string, number>();
  for (const fact of history.facts) {
    if (fact.kind !== 'stop-acknowledged' || stops.has(fact.messageId)) continue;
    judge.count();
    stops.set(fact.messageId, fact.atMs);
  }

  for (const { client, subscription, resumption, facts } of toStories(history)) {
    const stopped = new Set<string>();
    for (const fact of facts) {
      if (fact.kind === 'connected' && resumption === 'anew') stopped.clear();
      if (fact.kind !== 'received') continue;
      const { __typename, messageId = '', offset } = fact.frame;
      if (__typename === 'AnswerStopped') stopped.add(messageId);
      if (__typename !== 'AnswerDelta') continue;
      const { atMs } = fact;
      const about = { client, subscription, messageId, atMs };
      const name = `${subscription}: delta of ${messageId} at offset ${offset}`;
      if (stopped.has(messageId)) judge.complain(`${name} followed AnswerStopped`, about);
      const ackMs = stops.get(messageId);
      if (ackMs === undefined || atMs <= ackMs) continue;
      judge.count();
      if (atMs > stopDeadline(conditions, client, ackMs, atMs)) {
        judge.complain(`${name} came ${Math.round(atMs - ackMs)} ms after the stop`, about);
      }
    }
  }
});
