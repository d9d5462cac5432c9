import { builder } from './builder.ts';

interface Outcome {
  /** A sentence for people. Not `message`, so that it stands beside `SendMessageSuccess.message` in one selection. */
  readonly reason: string;
  readonly code: string;
}

const ErrorRef = builder.interfaceRef<Outcome>('Error').implement({
  description:
    'An outcome of a mutation that a user interface shows in its own way. Nothing was changed. Everything else that goes ' +
    'wrong comes as an entry of `errors` with `extensions.code`.',
  fields: (t) => ({
    reason: t.exposeString('reason', { description: 'A sentence for people, in English.' }),
    code: t.exposeString('code', { description: 'For programs: fixed for each type that implements this.' }),
  }),
});

export class AnswerInProgress extends Error implements Outcome {
  readonly code = 'ANSWER_IN_PROGRESS';
  readonly reason =
    'The tutor is still answering in this conversation: wait for it, stop it, or interrupt it.';
  /** The answer that is open. */
  readonly messageId: string;

  constructor(messageId: string) {
    super('an answer is in progress');
    this.name = 'AnswerInProgress';
    this.messageId = messageId;
  }
}

export class NotLastAnswer extends Error implements Outcome {
  readonly code = 'NOT_LAST_ANSWER';
  readonly reason = 'Only the last answer of a conversation can be made again.';

  constructor() {
    super('not the last answer');
    this.name = 'NotLastAnswer';
  }
}

builder.objectType(AnswerInProgress, {
  name: 'AnswerInProgress',
  description:
    'Code ANSWER_IN_PROGRESS: an answer of the conversation is open and the request would not wait for it, or too many ' +
    'answers wait already.',
  interfaces: [ErrorRef],
  fields: (t) => ({
    messageId: t.exposeID('messageId', { description: 'The answer that is open, for `stopAnswer`.' }),
  }),
});

builder.objectType(NotLastAnswer, {
  name: 'NotLastAnswer',
  description: 'Code NOT_LAST_ANSWER: the conversation has gone on since this answer.',
  interfaces: [ErrorRef],
});
