export type AnswerEnd = 'FINISHED' | 'STOPPED' | 'FAILED';

/** Where a conversation is shown: a terminal, or the two ends of a pipe. */
export interface ChatView {
  /** Someone wrote, here or elsewhere, or a closed answer of before. */
  message(name: string, text: string): void;
  /** Goes on with what was shown of the answer in progress. */
  answerText(name: string, text: string): void;
  /** What was shown of this answer no longer counts: it comes anew. */
  answerAgain(): void;
  answerEnded(end: AnswerEnd, reason: string | null): void;
  announcement(text: string): void;
  typing(name: string, isTyping: boolean): void;
  /** For people, never part of the conversation. */
  note(line: string): void;
}

export interface ChatScreen extends ChatView {
  /** What was typed, or came through the pipe, until its end. */
  readonly lines: AsyncIterable<string>;
  /** Each line waits until the one before is answered. */
  readonly isSequential: boolean;
  /** Ready for the next line. */
  prompt(): void;
  /** Ctrl-C. */
  onInterrupt(handler: () => void): void;
  close(): void;
}
