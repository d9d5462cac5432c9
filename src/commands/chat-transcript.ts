import { createAnswerTexts } from 'edagent-client';
import type { ChatEvent, ChatMessage } from './chat-documents.ts';
import type { AnswerEnd, ChatView } from './chat-screen.ts';

/**
 * What is shown of one conversation. Everything is shown once, whether it comes as an event, with a page read after a
 * Resync, or as both; an answer is shown as far as it is known, and again from its begin only when a later attempt
 * writes something else.
 */
export interface Transcript {
  event(event: ChatEvent): void;
  page(messages: readonly ChatMessage[]): void;
  /** Runs one send: what it makes is known as this terminal's own, and not shown when it comes back as an event. */
  sending<T extends Sent | null>(send: () => Promise<T>): Promise<T>;
  /** The answer that is being made, or else the first one that waits. */
  readonly openAnswer: string | null;
  readonly lastAnswer: string | null;
  /** How many answers failed. */
  readonly failures: number;
  /** Resolves when nothing is being sent and no answer is open. */
  idle(): Promise<void>;
  /** Nothing more is shown, and nobody waits any more. */
  dispose(): void;
}

export interface Sent {
  readonly messageId: string | null;
  readonly answerId: string | null;
}

const endOf = ({ answer }: ChatMessage): AnswerEnd | null =>
  answer === null || answer.state === 'WAITING' || answer.state === 'GENERATING' ? null : answer.state;

export const createTranscript = (viewerId: string, view: ChatView): Transcript => {
  const texts = createAnswerTexts();
  const messages = new Set<string>();
  const open = new Set<string>();
  const closed = new Set<string>();
  const shown = new Map<string, string>();
  const waiters: (() => void)[] = [];
  let tutorName = 'Tutor';
  let lastAnswer: string | null = null;
  let failures = 0;
  let sends = 0;
  /** By the viewer, here or elsewhere: which of it is known when the sends under way are done. */
  let undecided: ChatMessage[] = [];
  let isDisposed = false;

  const tellIdle = (): void => {
    if (!isDisposed && (sends > 0 || open.size > 0)) return;
    for (const resolve of waiters.splice(0)) resolve();
  };

  const expectAnswer = (id: string): void => {
    if (!closed.has(id)) open.add(id);
    lastAnswer = id;
  };

  const showMessage = ({ id, author, text }: ChatMessage): void => {
    if (messages.has(id)) return;
    messages.add(id);
    view.message(author.name, text);
  };

  const showText = (id: string, text: string, isWhole: boolean): void => {
    const before = shown.get(id) ?? '';
    // A new attempt that has so far written what is shown.
    if (!isWhole && before.startsWith(text)) return;
    if (!text.startsWith(before)) view.answerAgain();
    const rest = text.startsWith(before) ? text.slice(before.length) : text;
    shown.set(id, text);
    if (rest !== '') view.answerText(tutorName, rest);
  };

  const end = (id: string, text: string, how: AnswerEnd, reason: string | null): void => {
    if (closed.has(id)) return;
    showText(id, text, true);
    closed.add(id);
    open.delete(id);
    if (how === 'FAILED') failures += 1;
    view.answerEnded(how, reason);
    tellIdle();
  };

  const added = (message: ChatMessage): void => {
    if (message.author.kind === 'TUTOR') {
      tutorName = message.author.name;
      expectAnswer(message.id);
    } else if (message.author.id === viewerId && sends > 0) undecided.push(message);
    else showMessage(message);
  };

  const pageMessage = (message: ChatMessage): void => {
    if (message.author.kind !== 'TUTOR') {
      added(message);
      return;
    }
    tutorName = message.author.name;
    const how = endOf(message);
    const isNew = !(open.has(message.id) || closed.has(message.id));
    if (how === null) expectAnswer(message.id);
    else if (isNew) {
      closed.add(message.id);
      lastAnswer = message.id;
      view.message(tutorName, message.text);
    } else end(message.id, message.text, how, message.answer?.failure?.message ?? null);
  };

  const apply = (event: ChatEvent): void => {
    const answer = texts.apply(event);
    switch (event.__typename) {
      case 'MessageAdded':
        added(event.message);
        break;
      case 'BroadcastAdded':
        view.announcement(event.text);
        break;
      case 'AnswerDelta':
        if (answer && !closed.has(answer.messageId)) showText(answer.messageId, answer.text, false);
        break;
      case 'AnswerFinished':
        end(event.messageId, event.text, 'FINISHED', null);
        break;
      case 'AnswerStopped':
        end(event.messageId, event.text, 'STOPPED', null);
        break;
      case 'AnswerFailed':
        end(event.messageId, event.text, 'FAILED', event.failure.message);
        break;
      default:
    }
  };

  return {
    event(event) {
      if (!isDisposed) apply(event);
    },
    page(page) {
      if (!isDisposed) page.forEach(pageMessage);
    },
    async sending(send) {
      sends += 1;
      try {
        const sent = await send();
        if (sent?.messageId) messages.add(sent.messageId);
        if (sent?.answerId) expectAnswer(sent.answerId);
        return sent;
      } finally {
        sends -= 1;
        if (sends === 0) {
          const decided = undecided;
          undecided = [];
          if (!isDisposed) decided.forEach(showMessage);
        }
        tellIdle();
      }
    },
    get openAnswer() {
      const [first] = open;
      return first ?? null;
    },
    get lastAnswer() {
      return lastAnswer;
    },
    get failures() {
      return failures;
    },
    idle() {
      return new Promise((resolve) => {
        waiters.push(resolve);
        tellIdle();
      });
    },
    dispose() {
      isDisposed = true;
      tellIdle();
    },
  };
};
