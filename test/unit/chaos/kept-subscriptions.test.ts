import { describe, expect, test } from '@jest/globals';
import { toCursor } from '../../../src/domain/cursor.ts';
import { checkKeptSubscriptions } from '../../chaos/checkers/kept-subscriptions.ts';
import { createRecorder, type FactOf, type FinalStore, type Resumption } from '../../chaos/history.ts';

const topic = 'conversation:c';
const removalSeq = 5;

/** One user (null: everyone) has lost the right to the conversation. */
const storeOf = (userId: string | null): FinalStore => ({
  epoch: 'e',
  conversations: [],
  messages: [],
  answers: [],
  placements: [
    { topic, seq: removalSeq, eventId: 'x', body: { type: 'AccessEnded', conversationId: 'c', userId } },
  ],
});

interface Ending extends Pick<FactOf<'subscription-ended'>, 'how' | 'code'> {
  readonly resumption?: Resumption;
  /** Who has lost the right. */
  readonly removed?: string | null;
  /** Where the subscription stood. */
  readonly seq?: number;
  /** Who was being blocked when it ended. */
  readonly blocked?: string;
}

const judge = ({ resumption = 'helper', removed = 'ben', seq = removalSeq - 1, blocked, ...end }: Ending) => {
  const { history, add } = createRecorder(1, () => 0);
  const of = { client: 'phone', subscription: 'phone/1' } as const;
  const cursor = toCursor({ topic, epoch: 'e', seq });
  const ready = { __typename: 'Ready', cursors: [{ topic, cursor }], resumed: false };
  add({ kind: 'client-made', client: 'phone', userId: 'ann', library: 'graphql-ws', resumption });
  add({ kind: 'subscribed', ...of, conversationId: 'c', after: [cursor], resumption });
  add({ kind: 'received', ...of, frame: ready });
  if (blocked) add({ kind: 'block-called', userId: blocked });
  add({ kind: 'subscription-ended', ...of, ...end });
  return checkKeptSubscriptions(history, storeOf(removed));
};

describe('the checker of kept subscriptions', () => {
  test('takes the loss of a right for an end', () => {
    expect(judge({ how: 'error', code: 'NOT_FOUND' })).toMatchObject({ judged: 1, violations: [] });
  });

  test('complains of a subscription that a temporary failure has ended for good', () => {
    expect(judge({ how: 'error', code: 'UNAVAILABLE' }).violations).toHaveLength(1);
  });

  test('takes a refused token for the end of a user who is blocked, and of nobody else', () => {
    const refused = { how: 'error', code: 'UNAUTHENTICATED' } as const;
    expect(judge({ ...refused, blocked: 'ann' }).violations).toEqual([]);
    expect(judge({ ...refused, blocked: 'ben' }).violations).toHaveLength(1);
  });

  test('takes the error that a stock client is given for a sign', () => {
    expect(judge({ how: 'error', code: 'UNAVAILABLE', resumption: 'anew' }).violations).toEqual([]);
  });

  test.each<Resumption>(['helper', 'cursors', 'anew'])('complains of a completed one of %s', (resumption) => {
    expect(judge({ how: 'complete', resumption }).violations).toHaveLength(1);
  });

  test.each(['ann', null])('takes a completed one for ended by the removal of %s', (removed) => {
    expect(judge({ how: 'complete', removed }).violations).toEqual([]);
  });

  test('complains of a completed one that began after its user was added again', () => {
    expect(judge({ how: 'complete', removed: 'ann', seq: removalSeq + 1 }).violations).toHaveLength(1);
  });
});
