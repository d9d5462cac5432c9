import { isClosed } from '../../../src/domain/answer.ts';
import { endStates } from '../../support/answer-ends.ts';
import type { AnswerState, FinalStore, StoredAnswer, StoredMessage } from '../history.ts';
import { createChecker, type Judge } from './judge.ts';

interface Told {
  readonly client: string;
  readonly messageId: string;
  readonly state: AnswerState | null;
  readonly text: string;
  readonly atMs: number;
  readonly by: string;
}

const toJudgement = (judge: Judge, store: FinalStore) => {
  const messages = new Map<string, StoredMessage>(store.messages.map((one) => [one.id, one]));
  const answers = new Map<string, StoredAnswer>(store.answers.map((one) => [one.messageId, one]));
  // The texts of a deleted conversation are gone from the store and not from those who saw them.
  const deleted = new Set(store.conversations.filter((one) => one.isDeleted).map((one) => one.id));

  return ({ client, messageId, state, text, atMs, by }: Told): void => {
    const message = messages.get(messageId);
    if (message && deleted.has(message.conversationId)) return;
    judge.count();
    const complain = (what: string): void =>
      judge.complain(`${client}: ${by} of ${messageId} ${what}`, { client, messageId, atMs });
    const stored = answers.get(messageId)?.state ?? null;
    if (!message) complain('is not in the store');
    else if (state !== stored) complain(`says ${state} and the store ${stored}`);
    else if (message.text !== text) complain('has another text than the store');
  };
};

/** The final text is the same on every device and in the store (N2, N8): told by events, pages and what is shown at the end. */
export const checkFinalText = createChecker('final-text', (judge, history, store) => {
  const compare = toJudgement(judge, store);
  for (const fact of history.facts) {
    const { atMs } = fact;
    if (fact.kind === 'received') {
      const { __typename, messageId = '', text = '' } = fact.frame;
      const state = endStates[__typename];
      if (state) compare({ client: fact.client, messageId, state, text, atMs, by: __typename });
    } else if (fact.kind === 'shown') {
      const { client, messageId, state, text } = fact;
      if (isClosed(state)) compare({ client, messageId, state, text, atMs, by: 'the screen' });
    } else if (fact.kind === 'page-read') {
      for (const { id, text, answer } of fact.messages) {
        const state = answer?.state ?? null;
        if (state !== null && !isClosed(state)) continue;
        compare({ client: fact.client, messageId: id, state, text, atMs, by: 'a page' });
      }
    }
  }
});
