import type { Client } from 'graphql-ws';
import { endStates } from './answer-ends.ts';
import { messageReceivedDocument } from './documents.ts';
import { eventually } from './eventually.ts';

/** The fields of all members of MessageEvent that `messageReceivedDocument` selects. */
export interface ViewedEvent {
  readonly __typename: string;
  readonly messageId: string;
  readonly attempt: number;
  readonly offset: number;
  readonly text: string;
  readonly failure: { readonly code: string; readonly message: string; readonly temporary: boolean };
  readonly message?: { readonly id: string; readonly text: string };
  readonly id: string;
}

/** What a viewer shows of one answer. */
export interface ViewedAnswer {
  readonly attempt: number;
  readonly text: string;
  readonly end: ViewedEvent | null;
}

/**
 * Follows a conversation as a front end does, and keeps account of every rule about answers that is broken on the way: the
 * list must be empty at the end.
 */
export interface Viewer {
  readonly events: readonly ViewedEvent[];
  readonly violations: readonly string[];
  answer(messageId: string): ViewedAnswer;
  /** Resolves once all that was stored before the subscription is replayed. */
  ready(): Promise<void>;
  /** Waits until exactly this text (of this attempt) is shown. */
  shows(messageId: string, text: string, attempt?: number): Promise<void>;
  /** Waits for the end. */
  end(messageId: string, options?: { timeoutMs?: number }): Promise<ViewedEvent>;
  deltas(messageId: string): ViewedEvent[];
  typesOf(messageId: string): string[];
  stop(): void;
}

interface Shown {
  attempt: number;
  text: string;
  isStarted: boolean;
  end: ViewedEvent | null;
}

const createBook = (violations: string[]) => {
  const answers = new Map<string, Shown>();

  const of = (messageId: string): Shown => {
    const known = answers.get(messageId) ?? { attempt: 0, text: '', isStarted: false, end: null };
    answers.set(messageId, known);
    return known;
  };

  const complain = (event: ViewedEvent, what: string): void => {
    violations.push(`${event.__typename} of ${event.messageId}: ${what}`);
  };

  const acceptDelta = (event: ViewedEvent): void => {
    const shown = of(event.messageId);
    const { attempt, offset, text } = event;
    if (shown.end) complain(event, 'a delta after the end');
    if (text === '') complain(event, 'an empty delta');
    if (!text.isWellFormed()) complain(event, 'half of a pair');
    if (attempt < shown.attempt) complain(event, `attempt ${attempt} after ${shown.attempt}`);
    if (attempt > shown.attempt) {
      if (offset !== 0) complain(event, `attempt ${attempt} begins at ${offset}`);
      shown.attempt = attempt;
      shown.text = '';
    }
    if (offset > shown.text.length) complain(event, `a gap: ${offset} after ${shown.text.length}`);
    const known = shown.text.slice(offset);
    if (!known.startsWith(text) && !text.startsWith(known)) complain(event, 'the text changed');
    if (known.length < text.length) shown.text = shown.text.slice(0, offset) + text;
  };

  const acceptEnd = (event: ViewedEvent): void => {
    const shown = of(event.messageId);
    if (shown.end) complain(event, `a second end after ${shown.end.__typename}`);
    // One that nobody made any more ends with its checkpoint, which may be shorter than what was shown.
    const isPart = event.__typename !== 'AnswerFinished' && shown.text.startsWith(event.text);
    if (!event.text.startsWith(shown.text) && !isPart) complain(event, 'not what was shown');
    shown.end = event;
    shown.text = event.text;
  };

  return {
    of,
    accept(event: ViewedEvent): void {
      if (event.__typename === 'AnswerDelta') acceptDelta(event);
      else if (endStates[event.__typename]) acceptEnd(event);
      else if (event.__typename === 'AnswerStarted') {
        const shown = of(event.messageId);
        if (shown.isStarted) complain(event, 'started twice');
        if (shown.attempt > 0) complain(event, 'started after its first delta');
        shown.isStarted = true;
      }
    },
  };
};

export const watch = (client: Client, conversationId: string, after: readonly string[] = []): Viewer => {
  const events: ViewedEvent[] = [];
  const violations: string[] = [];
  const book = createBook(violations);
  const stop = client.subscribe<{ messageReceived: ViewedEvent }>(
    { query: messageReceivedDocument, variables: { conversationId, after } },
    {
      next({ data, errors }) {
        if (errors) violations.push(JSON.stringify(errors));
        if (!data) return;
        events.push(data.messageReceived);
        book.accept(data.messageReceived);
      },
      error: (error) => violations.push(`ended: ${JSON.stringify(error)}`),
      complete: () => {},
    },
  );

  const of = (messageId: string) =>
    events.filter((event) => event.messageId === messageId || event.message?.id === messageId);

  return {
    events,
    violations,
    answer: (messageId) => ({ ...book.of(messageId) }),
    async ready() {
      await eventually(() => events.some(({ __typename }) => __typename === 'Ready'));
    },
    async shows(messageId, text, attempt) {
      try {
        await eventually(() => {
          const shown = book.of(messageId);
          return shown.text === text && (attempt === undefined || shown.attempt === attempt);
        });
      } catch (cause) {
        const shown = JSON.stringify(book.of(messageId));
        throw new Error(`shows ${shown} and not ${JSON.stringify(text)} (attempt ${attempt})`, { cause });
      }
    },
    end: (messageId, options) => eventually(() => book.of(messageId).end, options),
    deltas: (messageId) => of(messageId).filter(({ __typename }) => __typename === 'AnswerDelta'),
    typesOf: (messageId) => of(messageId).map(({ __typename }) => __typename),
    stop,
  };
};
