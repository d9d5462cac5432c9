import type { FactOf, FinalStore, History } from '../history.ts';

/** A call of the model, by the model's own record. */
export type ModelCall = FactOf<'model-called'>;

/**
 * Which call of the model an attempt can have been: every piece of text that is seen of the attempt leaves fewer of them.
 * The texts of two calls differ early on, so that one remains soon; none remaining means that texts were mixed or altered.
 */
export interface Attempts {
  /** False when no one call of the model said this, with all that was seen of the attempt before. */
  saw(messageId: string, attempt: number, offset: number, text: string): boolean;
  /** The calls that remain. */
  callsOf(messageId: string, attempt: number): readonly ModelCall[];
  /** All attempts that something was seen of. */
  all(): readonly SeenAttempt[];
}

export interface SeenAttempt {
  readonly messageId: string;
  readonly attempt: number;
  readonly calls: readonly ModelCall[];
}

/** By answer: the clientMessageId of the message that it answers. */
export const questionsOf = (store: FinalStore): Map<string, string> => {
  const ids = new Map(store.messages.map((message) => [message.id, message.clientMessageId]));
  return new Map(store.answers.map((answer) => [answer.messageId, ids.get(answer.inReplyTo) ?? '']));
};

export const toAttempts = (history: History, store: FinalStore): Attempts => {
  const questions = questionsOf(store);
  const calls = new Map<string, ModelCall[]>();
  for (const fact of history.facts) {
    if (fact.kind === 'model-called') calls.set(fact.question, [...(calls.get(fact.question) ?? []), fact]);
  }
  const seen = new Map<string, SeenAttempt>();
  const keyOf = (messageId: string, attempt: number): string => `${messageId} ${attempt}`;

  const callsOf = (messageId: string, attempt: number): readonly ModelCall[] =>
    seen.get(keyOf(messageId, attempt))?.calls ?? calls.get(questions.get(messageId) ?? '') ?? [];

  return {
    callsOf,
    saw(messageId, attempt, offset, text) {
      const left = callsOf(messageId, attempt).filter((call) => call.text.startsWith(text, offset));
      if (left.length > 0) seen.set(keyOf(messageId, attempt), { messageId, attempt, calls: left });
      return left.length > 0;
    },
    all: () => [...seen.values()],
  };
};
