import { createAnswerTexts } from 'edagent-client';
import type { AnswerState, Frame, PageMessage } from './history.ts';

/** What a device shows of the answers: the pages that it read, and the events since. */
export interface Screen {
  takeFrame(frame: Frame): void;
  takePage(messages: readonly PageMessage[]): void;
  readonly openAnswers: readonly string[];
  /** Without what it has only seen waiting. */
  list(): ShownAnswer[];
}

export interface ShownAnswer {
  readonly messageId: string;
  readonly state: AnswerState;
  readonly text: string;
}

const isOpen = (state: AnswerState): boolean => state === 'WAITING' || state === 'GENERATING';

export const createScreen = (): Screen => {
  const texts = createAnswerTexts();
  const live = new Map<string, ShownAnswer>();
  const pages = new Map<string, ShownAnswer>();

  const shownOf = (messageId: string): ShownAnswer | undefined => {
    const shown = live.get(messageId);
    const page = pages.get(messageId);
    // A page tells the end of what the events have left open, never the other way round.
    return page && (shown === undefined || (isOpen(shown.state) && !isOpen(page.state))) ? page : shown;
  };
  const list = (): ShownAnswer[] =>
    [...new Set([...pages.keys(), ...live.keys()])]
      .map(shownOf)
      .filter((shown): shown is ShownAnswer => shown !== undefined);

  return {
    takeFrame(frame) {
      const answer = texts.apply(frame);
      if (answer) live.set(answer.messageId, answer);
    },
    takePage(messages) {
      for (const { id, text, answer } of messages) {
        if (answer) pages.set(id, { messageId: id, state: answer.state, text });
      }
    },
    get openAnswers() {
      return list()
        .filter(({ state }) => state === 'GENERATING')
        .map(({ messageId }) => messageId);
    },
    list: () => list().filter(({ messageId, state }) => live.has(messageId) || !isOpen(state)),
  };
};
