export type AnswerState = 'GENERATING' | 'FINISHED' | 'STOPPED' | 'FAILED';

export interface AnswerText {
  readonly messageId: string;
  /** The attempt that the text is of; 0 before the first delta. */
  readonly attempt: number;
  /** While GENERATING a prefix of that attempt's text, then the final text. */
  readonly text: string;
  readonly state: AnswerState;
}

/** The members of `MessageEvent` that make up an answer; the document has to select these fields and `__typename`. */
export type AnswerEvent =
  | { readonly __typename: 'AnswerStarted'; readonly messageId: string }
  | {
      readonly __typename: 'AnswerDelta';
      readonly messageId: string;
      readonly attempt: number;
      /** In UTF-16 code units. */
      readonly offset: number;
      readonly text: string;
    }
  | {
      readonly __typename: 'AnswerFinished' | 'AnswerStopped' | 'AnswerFailed';
      readonly messageId: string;
      readonly text: string;
    };

interface AnyEvent {
  readonly __typename?: string | undefined;
}

export interface AnswerTexts {
  /** The answer as it now stands when the event changed it; null when it changed nothing or is about no answer. */
  apply(event: AnswerEvent | AnyEvent): AnswerText | null;
  get(messageId: string): AnswerText | undefined;
  /** Removes an answer that is shown no longer. Answers are kept until then. */
  forget(messageId: string): void;
}

/** The state of an answer after an event; the same object when the event changes nothing. */
const advance = (answer: AnswerText, event: AnswerEvent): AnswerText => {
  if (answer.state !== 'GENERATING') return answer;
  switch (event.__typename) {
    case 'AnswerFinished':
      return { ...answer, text: event.text, state: 'FINISHED' };
    case 'AnswerStopped':
      return { ...answer, text: event.text, state: 'STOPPED' };
    case 'AnswerFailed':
      return { ...answer, text: event.text, state: 'FAILED' };
    case 'AnswerDelta': {
      const { attempt, offset, text } = event;
      if (attempt < answer.attempt) return answer;
      const known = attempt > answer.attempt ? '' : answer.text;
      // Within an attempt the text only grows: a gap waits for a delta that closes it, and a delta behind the text
      // (a checkpoint, for one who joins late) must not take away what is shown.
      const grows = offset <= known.length && offset + text.length > known.length;
      if (!grows && attempt === answer.attempt) return answer;
      return { ...answer, attempt, text: grows ? known.slice(0, offset) + text : known };
    }
    case 'AnswerStarted':
      return answer;
  }
};

const isAnswerEvent = (event: AnyEvent): event is AnswerEvent =>
  /^Answer(Started|Delta|Finished|Stopped|Failed)$/.test(event.__typename ?? '');

/**
 * Puts deltas together into text.
 *
 * ```ts
 * const texts = createAnswerTexts();
 * for await (const { data } of client.iterate({ query })) {
 *   const answer = texts.apply(data.messageReceived); // any event may be given
 *   if (answer) show(answer.messageId, answer.text);
 * }
 * ```
 *
 * The text is always a prefix of one attempt, attempts never mix, and after the end nothing changes any more.
 */
export const createAnswerTexts = (): AnswerTexts => {
  const answers = new Map<string, AnswerText>();

  return {
    apply(event) {
      if (!isAnswerEvent(event)) return null;
      const { messageId } = event;
      const before = answers.get(messageId);
      const after = advance(before ?? { messageId, attempt: 0, text: '', state: 'GENERATING' }, event);
      if (after === before) return null;
      answers.set(messageId, after);
      return after;
    },
    get: (messageId) => answers.get(messageId),
    forget(messageId) {
      answers.delete(messageId);
    },
  };
};
