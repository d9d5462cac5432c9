import { endStates } from '../../support/answer-ends.ts';
import type { StoredAnswer } from '../history.ts';
import { questionsOf, toAttempts } from './attempts.ts';
import { createChecker } from './judge.ts';

const groupByQuestion = (answers: readonly StoredAnswer[], questions: ReadonlyMap<string, string>) => {
  const groups = new Map<string, StoredAnswer[]>();
  for (const answer of answers) {
    const question = questions.get(answer.messageId) ?? '';
    groups.set(question, [...(groups.get(question) ?? []), answer]);
  }
  return groups;
};

/**
 * One call of the model for each attempt and none for a repeated clientMessageId (I1). A node that dies between its claim
 * and its call makes an attempt without one.
 */
export const checkModelCalls = createChecker('model-calls', (judge, history, store) => {
  const questions = questionsOf(store);
  const answers = groupByQuestion(store.answers, questions);
  const attempts = toAttempts(history, store);
  const calls = new Map<string, number>();
  for (const fact of history.facts) {
    if (fact.kind === 'model-called') {
      judge.count();
      calls.set(fact.question, (calls.get(fact.question) ?? 0) + 1);
    } else if (fact.kind === 'received') {
      const { __typename, messageId = '', attempt = 0, offset = 0, text = '' } = fact.frame;
      if (__typename === 'AnswerDelta') attempts.saw(messageId, attempt, offset, text);
    }
  }
  const lastAttempts = new Map(store.answers.map(({ messageId, attempt }) => [messageId, attempt]));
  for (const { body } of store.placements) {
    if (!endStates[body.type] || !body.text || body.messageId === undefined) continue;
    attempts.saw(body.messageId, lastAttempts.get(body.messageId) ?? 0, 0, body.text);
  }

  for (const [question, count] of calls) {
    const ofQuestion = answers.get(question) ?? [];
    const made = ofQuestion.reduce((sum, { attempt }) => sum + attempt, 0);
    const about = ofQuestion[0] ? { messageId: ofQuestion[0].messageId } : {};
    if (count > made) judge.complain(`${question}: ${count} calls of the model for ${made} attempts`, about);
  }

  const attemptOf = new Map<string, string>();
  for (const { messageId, attempt, calls: possible } of attempts.all()) {
    const [call, ...others] = possible;
    if (!call || others.length > 0) continue;
    const name = `attempt ${attempt} of ${messageId}`;
    const known = attemptOf.get(call.callId) ?? name;
    attemptOf.set(call.callId, known);
    if (known !== name) judge.complain(`${call.callId} is told as ${known} and as ${name}`, { messageId });
  }
});
