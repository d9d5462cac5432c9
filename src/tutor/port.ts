import type { AnswerUsage, FailureCode } from '../domain/answer.ts';
import type { Profile } from '../domain/entities.ts';

export interface TutorTurn {
  readonly from: 'LEARNER' | 'TUTOR';
  /** The name of who wrote it. */
  readonly name: string;
  readonly text: string;
}

/** All that a tutor may know when it answers. */
export interface TutorContext {
  /** The learner whose message is answered. */
  readonly learner: { readonly id: string; readonly name: string; readonly profile: Profile };
  /** The conversation, oldest first; the last turn is the message to answer. Never empty. */
  readonly turns: readonly TutorTurn[];
  /** Called at most once, before the reply ends, with what the model says it used. */
  readonly onUsage?: (usage: AnswerUsage) => void;
}

/**
 * Makes answers.
 *
 * `reply` tells the text as the model writes it: in pieces, none empty, in order; their concatenation is the answer. Each
 * call is one call of the model. It resolves when the answer is complete. When `signal` aborts, nothing more is told, the call
 * upstream is closed, and it rejects promptly with the signal's reason. Every other failure rejects with a `TutorError` with a
 * code; what was told before it stands. `onText` must not throw.
 */
export interface Tutor {
  /** For logs and statistics: `offline`, `openai-compatible`. */
  readonly kind: string;
  reply(context: TutorContext, signal: AbortSignal, onText: (text: string) => void): Promise<void>;
}

/** A failure of the model's side. The message is for the log; clients see the code and its fixed message. */
export class TutorError extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TutorError';
    this.code = code;
  }
}
