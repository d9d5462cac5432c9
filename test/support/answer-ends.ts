/** The state that an answer has after the event of its end, by the event's type; no other type has one. */
export const endStates: Readonly<Record<string, 'FINISHED' | 'STOPPED' | 'FAILED'>> = {
  AnswerFinished: 'FINISHED',
  AnswerStopped: 'STOPPED',
  AnswerFailed: 'FAILED',
};
