import type { ChatMessage } from './conversation-state.ts';

export type AnswerOf = NonNullable<ChatMessage['answer']>;

/** What is told behind the text of an answer that did not come to its own end. */
export const endNoteOf = ({ state, failure }: AnswerOf): string | undefined => {
  switch (state) {
    case 'WAITING':
    case 'GENERATING':
    case 'FINISHED':
      return undefined;
    case 'STOPPED':
      return 'Stopped.';
    case 'FAILED':
      return failure?.message ?? 'The answer failed.';
  }
};
