import { factsOf } from '../history.ts';
import { createChecker } from './judge.ts';

/** What the server may end a subscription with for good: the right is gone, and with it the reason to come back. */
const rightful: readonly string[] = ['NOT_FOUND', 'FORBIDDEN', '4401'];

/** A subscription of edagent-client outlives every temporary failure: only a lost right, or its own user, ends it. */
export const checkKeptSubscriptions = createChecker('kept-subscriptions', (judge, history) => {
  const kept = factsOf(history, 'subscribed').filter(({ resumption }) => resumption === 'helper');
  const names = new Set(kept.map(({ subscription }) => subscription));
  judge.count(kept.length);
  for (const { client, subscription, how, code, atMs } of factsOf(history, 'subscription-ended')) {
    if (how !== 'error' || code === undefined || rightful.includes(code) || !names.has(subscription))
      continue;
    judge.complain(`${subscription} was ended with ${code} and does not come back`, {
      client,
      subscription,
      atMs,
    });
  }
});
