import type { RetryResult } from '../conversations/port.ts';
import { failureCodes } from '../domain/answer.ts';
import { builder } from './builder.ts';
import { AnswerInProgress, NotLastAnswer } from './errors.ts';
import { AnswerFailureRef, AnswerStatusRef, AnswerUsageRef, ConversationRef, MessageRef } from './refs.ts';

const AnswerStateRef = builder.enumType('AnswerState', {
  description:
    'The life of an answer. FINISHED, STOPPED and FAILED are closed: nothing changes them any more.',
  values: {
    WAITING: { description: 'Stored, and not begun: others of the conversation come first.' },
    GENERATING: { description: 'Being made; deltas flow.' },
    FINISHED: { description: 'Closed: the whole text is there.' },
    STOPPED: { description: 'Closed by someone, with the text made until then.' },
    FAILED: { description: 'Closed with a failure, with the text made until then.' },
  },
});

const failureCode = (code: keyof typeof failureCodes) => ({ description: failureCodes[code].message });

const AnswerFailureCodeRef = builder.enumType('AnswerFailureCode', {
  description: 'Why an answer failed.',
  values: {
    TUTOR_UNREACHABLE: failureCode('TUTOR_UNREACHABLE'),
    TUTOR_TIMEOUT: failureCode('TUTOR_TIMEOUT'),
    TUTOR_RATE_LIMITED: failureCode('TUTOR_RATE_LIMITED'),
    TUTOR_INTERRUPTED: failureCode('TUTOR_INTERRUPTED'),
    TUTOR_REFUSED: failureCode('TUTOR_REFUSED'),
    CONTEXT_TOO_LONG: failureCode('CONTEXT_TOO_LONG'),
    ATTEMPTS_EXHAUSTED: failureCode('ATTEMPTS_EXHAUSTED'),
    INTERNAL: failureCode('INTERNAL'),
  },
});

AnswerFailureRef.implement({
  description: 'Why an answer failed.',
  fields: (t) => ({
    code: t.expose('code', { type: AnswerFailureCodeRef, description: 'For programs.' }),
    message: t.exposeString('message', { description: 'For people, in English; the same for each code.' }),
    temporary: t.exposeBoolean('temporary', { description: 'Whether `retryAnswer` may do better later.' }),
  }),
});

AnswerUsageRef.implement({
  description: 'What the model says an answer took, in its own tokens.',
  fields: (t) => ({
    inputTokens: t.exposeInt('inputTokens', { description: 'Tokens it read.' }),
    outputTokens: t.exposeInt('outputTokens', { description: 'Tokens it wrote.' }),
  }),
});

AnswerStatusRef.implement({
  description: 'How far an answer is.',
  fields: (t) => ({
    state: t.expose('state', { type: AnswerStateRef, description: 'Where it stands in its life.' }),
    attempt: t.exposeInt('attempt', {
      description: '0 while it waits, then counts the calls of the model; a later one begins the text anew.',
    }),
    failure: t.expose('failure', {
      type: AnswerFailureRef,
      nullable: true,
      description: 'Not null exactly when FAILED.',
    }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was begun; null while it waits.',
    }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was closed; null before.',
    }),
    usage: t.expose('usage', {
      type: AnswerUsageRef,
      nullable: true,
      description: 'Null before the end, and when the model does not say.',
    }),
  }),
});

builder.mutationField('stopAnswer', (t) =>
  t.withAuth({ authenticated: true }).field({
    type: MessageRef,
    description:
      'Stops an answer; what was made of it is kept. When this returns the stop is stored, and no delta follows later than ' +
      '250 ms (2 s without Redis). A closed answer is returned as it is. NOT_FOUND when it is not of a conversation of the viewer.',
    args: { messageId: t.arg.id({ required: true, description: 'Of the answer.' }) },
    resolve: (_root, { messageId }, { services, viewer }) =>
      services.conversations.stopAnswer(viewer, messageId),
  }),
);

const RetryAnswerInput = builder.inputType('RetryAnswerInput', {
  description: 'Which answer to make again.',
  fields: (t) => ({
    clientRetryId: t.id({
      required: true,
      description:
        'Made by the client, 1 to 64 characters, unique for each user. A repeat gives the same new answer; for another ' +
        'answer it is BAD_INPUT.',
    }),
    messageId: t.id({
      required: true,
      description: 'The answer to make again. NOT_FOUND when it is not of a conversation of the viewer.',
    }),
  }),
});

const RetryAnswerSuccess = builder
  .objectRef<Extract<RetryResult, { kind: 'created' }>>('RetryAnswerSuccess')
  .implement({
    description: 'A new answer is stored and will be made.',
    fields: (t) => ({
      answer: t.expose('answer', {
        type: MessageRef,
        description: 'The new answer, with `retryOf`; the old one stays.',
      }),
      conversation: t.expose('conversation', { type: ConversationRef, description: 'Where it stands.' }),
    }),
  });

builder.mutationField('retryAnswer', (t) =>
  t.withAuth({ authenticated: true }).field({
    type: RetryAnswerSuccess,
    errors: {
      types: [AnswerInProgress, NotLastAnswer],
      union: { name: 'RetryAnswerResult', description: 'What became of the retry.' },
    },
    description:
      'Makes a closed answer again, failed or not: a new answer with `retryOf`. Only the last answer of a conversation.',
    args: { input: t.arg({ type: RetryAnswerInput, required: true, description: 'Which answer.' }) },
    resolve: async (_root, { input }, { services, viewer }) => {
      const result = await services.conversations.retryAnswer(viewer, input);
      if (result.kind === 'answer-in-progress') throw new AnswerInProgress(result.messageId);
      if (result.kind === 'not-last') throw new NotLastAnswer();
      return result;
    },
  }),
);
