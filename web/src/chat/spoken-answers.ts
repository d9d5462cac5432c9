import { type AnswerOf, endNoteOf } from './answer-end.ts';
import { type ChatMessage, isClosed } from './conversation-state.ts';
import { finishedLength, toSpoken } from './sentences.ts';

export interface Spoken {
  readonly key: string;
  readonly text: string;
}

export interface SpokenAnswers {
  /** What is to be said now, given all messages as they are, oldest first. The first call tells what was there before. */
  next(messages: readonly ChatMessage[]): readonly Spoken[];
}

/**
 * The sentences of answers that are being made, whole, as they are finished, and the rest at the end, with a word of it if
 * they failed or were stopped. An answer that was closed when the conversation was opened, or that came with older
 * messages, is there to be read, not to be announced.
 */
export const createSpokenAnswers = (): SpokenAnswers => {
  /** Each answer as it was seen last, and the beginning of it that was said, or was there before. */
  const seen = new Map<string, { readonly message: ChatMessage; readonly said: string }>();
  let isBegun = false;
  let lastId: string | undefined;

  /** Where the messages begin that came since the last call. */
  const newFrom = (messages: readonly ChatMessage[]): number => {
    if (!isBegun) return messages.length;
    if (lastId === undefined) return 0;
    const at = messages.findIndex(({ id }) => id === lastId);
    return at < 0 ? messages.length : at + 1;
  };

  const speakText = (message: ChatMessage, answer: AnswerOf, said: string): Spoken | undefined => {
    const { id, text } = message;
    // An answer that was stopped may end before what was said of it.
    if (said.startsWith(text)) {
      seen.set(id, { message, said });
      return undefined;
    }
    // Another attempt is said from its beginning.
    const from = text.startsWith(said) ? said.length : 0;
    const end = isClosed(answer) ? text.length : Math.max(from, finishedLength(text));
    seen.set(id, { message, said: text.slice(0, end) });
    const spoken = toSpoken(text.slice(from, end));
    return spoken === '' ? undefined : { key: `${id}:${answer.attempt}:${end}`, text: spoken };
  };

  const speakEnd = (id: string, answer: AnswerOf): Spoken | undefined => {
    const text = endNoteOf(answer);
    return text === undefined ? undefined : { key: `${id}:${answer.attempt}:${answer.state}`, text };
  };

  const speak = (message: ChatMessage, isNew: boolean): readonly Spoken[] => {
    const { id, answer, text } = message;
    const before = seen.get(id);
    if (!answer || before?.message === message) return [];
    const known = before?.message ?? (isNew ? undefined : message);
    const wasClosed = Boolean(known?.answer && isClosed(known.answer));
    const rest = speakText(message, answer, before?.said ?? (wasClosed ? text : ''));
    const end = wasClosed ? undefined : speakEnd(id, answer);
    return [rest, end].flatMap((each) => each ?? []);
  };

  return {
    next(messages) {
      const from = newFrom(messages);
      isBegun = true;
      lastId = messages.at(-1)?.id;
      return messages.flatMap((message, at) => speak(message, at >= from));
    },
  };
};
