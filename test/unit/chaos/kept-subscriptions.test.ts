import { describe, expect, test } from '@jest/globals';
import { checkKeptSubscriptions } from '../../chaos/checkers/kept-subscriptions.ts';
import { createRecorder, type FinalStore } from '../../chaos/history.ts';

const store: FinalStore = { epoch: 'e', conversations: [], messages: [], answers: [], placements: [] };

const endWith = (code: string) => {
  const { history, add } = createRecorder(1, () => 0);
  const of = { client: 'phone', subscription: 'phone/1' } as const;
  add({ kind: 'subscribed', ...of, conversationId: 'c', after: [], resumption: 'helper' });
  add({ kind: 'subscription-ended', ...of, how: 'error', code });
  return checkKeptSubscriptions(history, store);
};

describe('the checker of kept subscriptions', () => {
  test('takes the loss of a right for an end', () => {
    expect(endWith('NOT_FOUND')).toMatchObject({ judged: 1, violations: [] });
  });

  test('complains of a subscription that a temporary failure has ended for good', () => {
    expect(endWith('UNAVAILABLE').violations).toHaveLength(1);
  });
});
