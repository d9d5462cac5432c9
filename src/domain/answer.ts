/**
 * The life of an answer:
 *
 *     WAITING ──claim──▶ GENERATING ──finish──▶ FINISHED
 *        │                  │  │ └────stop────▶ STOPPED
 *        └──stop──▶ STOPPED │  └──────fail────▶ FAILED
 *                           └─claim─▶ GENERATING (next attempt, after its holder's lease ended)
 *
 * FINISHED, STOPPED and FAILED are closed: nothing changes them any more.
 */
export const answerStates = ['WAITING', 'GENERATING', 'FINISHED', 'STOPPED', 'FAILED'] as const;
export type AnswerState = (typeof answerStates)[number];
export type ClosedState = 'FINISHED' | 'STOPPED' | 'FAILED';

export type AnswerAction = 'claim' | 'finish' | 'stop' | 'fail';

const closed: Record<AnswerAction, null> = { claim: null, finish: null, stop: null, fail: null };

/** Where each action leads from each state; null where it may not happen. */
export const answerTransitions: Record<AnswerState, Record<AnswerAction, AnswerState | null>> = {
  WAITING: { claim: 'GENERATING', finish: null, stop: 'STOPPED', fail: 'FAILED' },
  GENERATING: { claim: 'GENERATING', finish: 'FINISHED', stop: 'STOPPED', fail: 'FAILED' },
  FINISHED: closed,
  STOPPED: closed,
  FAILED: closed,
};

export const isClosed = (state: AnswerState): state is ClosedState =>
  state === 'FINISHED' || state === 'STOPPED' || state === 'FAILED';

/** Why an answer failed. `temporary`: the same question may be answered later (retryAnswer). */
export const failureCodes = {
  TUTOR_UNREACHABLE: { temporary: true, message: 'The tutor could not be reached.' },
  TUTOR_TIMEOUT: { temporary: true, message: 'The tutor took too long to answer.' },
  TUTOR_RATE_LIMITED: { temporary: true, message: 'The tutor is answering too many questions right now.' },
  TUTOR_INTERRUPTED: { temporary: true, message: 'The tutor broke off in the middle of the answer.' },
  TUTOR_REFUSED: { temporary: false, message: 'The tutor refused this request.' },
  CONTEXT_TOO_LONG: {
    temporary: false,
    message: 'The conversation is too long for the tutor: begin a new one.',
  },
  ATTEMPTS_EXHAUSTED: {
    temporary: true,
    message: 'The answer could not be completed after several attempts.',
  },
  INTERNAL: { temporary: true, message: 'The answer failed for a reason of our own.' },
} as const;

export type FailureCode = keyof typeof failureCodes;

export interface AnswerFailure {
  readonly code: FailureCode;
  readonly message: string;
  readonly temporary: boolean;
}

export const toFailure = (code: FailureCode): AnswerFailure => ({ code, ...failureCodes[code] });

/** What the model says it read and wrote, in its own tokens. */
export interface AnswerUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** At most this many answers of one conversation wait behind the one being made. */
export const maxWaitingAnswers = 5;
