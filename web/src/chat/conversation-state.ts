import { createAnswerTexts } from 'edagent-client';
import type { ConversationEventsSubscription, MessagePartsFragment } from '../generated/graphql.ts';

export type ChatMessage = MessagePartsFragment;
export type ConversationEvent = ConversationEventsSubscription['messageReceived'];
type Answer = NonNullable<ChatMessage['answer']>;
type Closing = Extract<
  ConversationEvent,
  { __typename: 'AnswerFinished' | 'AnswerStopped' | 'AnswerFailed' }
>;

type Delta = Extract<ConversationEvent, { __typename: 'AnswerDelta' }>;

export interface MessagePage {
  /** Oldest first. */
  readonly messages: readonly ChatMessage[];
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
}

export interface ConversationView {
  /** Oldest first. */
  readonly messages: readonly ChatMessage[];
  readonly hasOlder: boolean;
  /** For `before` of the next older page. */
  readonly olderCursor: string | null;
  /** The answer that is open and was begun, or else the first that waits. */
  readonly openAnswer: ChatMessage | undefined;
}

export interface ConversationModel {
  view(): ConversationView;
  /** The newest page, read before the subscription that goes on after it. */
  begin(page: MessagePage): void;
  /** A page that ends before what is there. */
  addOlder(page: MessagePage): void;
  /** Events were missed: what is added from here on stays, the next `begin` takes the place of all before. */
  expectRefetch(): void;
  apply(events: readonly ConversationEvent[]): void;
}

const rank: Readonly<Record<Answer['state'], number>> = {
  WAITING: 0,
  GENERATING: 1,
  FINISHED: 2,
  STOPPED: 2,
  FAILED: 2,
};

export const isClosed = (answer: Answer): boolean => rank[answer.state] === 2;

const closingState = {
  AnswerFinished: 'FINISHED',
  AnswerStopped: 'STOPPED',
  AnswerFailed: 'FAILED',
} as const;

const toClosedAnswer = (answer: Answer, event: Closing): Answer => ({
  ...answer,
  state: closingState[event.__typename],
  failure: event.__typename === 'AnswerFailed' ? event.failure : null,
});

const emptyView: ConversationView = {
  messages: [],
  hasOlder: false,
  olderCursor: null,
  openAnswer: undefined,
};

/**
 * A conversation as its pages and events tell it. Pages may come later than events that happened after them: what an
 * event said of an answer is kept and holds for the message whenever its page comes. A closed answer never changes.
 */
export const createConversationModel = (): ConversationModel => {
  const texts = createAnswerTexts();
  /** Deltas with a gap before them, until a page closes it. */
  const ahead = new Map<string, Delta[]>();
  const closings = new Map<string, Closing>();
  const started = new Set<string>();
  const messages = new Map<string, ChatMessage>();
  let order: string[] = [];
  /** Ids that came by events since a refetch was needed; undefined while none is. */
  let addedSince: string[] | undefined;
  let hasOlder = false;
  let olderCursor: string | null = null;
  let view = emptyView;

  /** The message with what events said of it. */
  const advance = (message: ChatMessage): ChatMessage => {
    const { id, answer } = message;
    if (!answer || isClosed(answer)) return message;
    const closing = closings.get(id);
    if (closing) return { ...message, text: closing.text, answer: toClosedAnswer(answer, closing) };
    const text = texts.get(id);
    const isStarted = started.has(id) || (text?.attempt ?? 0) > 0;
    const state = isStarted ? 'GENERATING' : answer.state;
    const attempt = Math.max(answer.attempt, text?.attempt ?? 0);
    const shown = text && text.attempt >= answer.attempt ? text.text : message.text;
    if (state === answer.state && attempt === answer.attempt && shown === message.text) return message;
    return { ...message, text: shown, answer: { ...answer, state, attempt } };
  };

  const applyDelta = (delta: Delta) => {
    const { messageId, attempt, offset, text } = delta;
    texts.apply(delta);
    const known = texts.get(messageId);
    const isTaken = known && (known.attempt > attempt || known.text.length >= offset + text.length);
    if (!isTaken && !closings.has(messageId)) ahead.set(messageId, [...(ahead.get(messageId) ?? []), delta]);
  };

  const put = (message: ChatMessage) => {
    const { id, answer, text } = message;
    const before = messages.get(id);
    if (before && (!answer || (before.answer && rank[before.answer.state] > rank[answer.state]))) return;
    // The stored text takes part as a delta from the begin, so that later deltas find it.
    if (answer?.state === 'GENERATING' && answer.attempt > 0)
      texts.apply({ __typename: 'AnswerDelta', messageId: id, attempt: answer.attempt, offset: 0, text });
    const waiting = ahead.get(id) ?? [];
    ahead.delete(id);
    for (const delta of waiting) applyDelta(delta);
    messages.set(id, advance(message));
  };

  const touch = (id: string) => {
    const message = messages.get(id);
    if (message) messages.set(id, advance(message));
  };

  const applyOne = (event: ConversationEvent) => {
    switch (event.__typename) {
      case 'MessageAdded': {
        const { id } = event.message;
        if (!messages.has(id)) order.push(id);
        addedSince?.push(id);
        put(event.message);
        return;
      }
      case 'AnswerStarted':
        started.add(event.messageId);
        touch(event.messageId);
        return;
      case 'AnswerDelta':
        applyDelta(event);
        touch(event.messageId);
        return;
      case 'AnswerFinished':
      case 'AnswerStopped':
      case 'AnswerFailed':
        closings.set(event.messageId, event);
        touch(event.messageId);
        texts.forget(event.messageId);
        ahead.delete(event.messageId);
        return;
      case 'Ready':
      case 'Resync':
      case 'BroadcastAdded':
      case 'BroadcastRead':
      case 'ConversationRead':
      case 'ConversationRemoved':
      case 'ConversationUpdated':
        return;
    }
  };

  const render = () => {
    const shown = order.flatMap((id) => messages.get(id) ?? []);
    const open = shown.filter(({ answer }) => answer && !isClosed(answer));
    const openAnswer = open.find(({ answer }) => answer?.state === 'GENERATING') ?? open[0];
    view = { messages: shown, hasOlder, olderCursor, openAnswer };
  };

  const setPaging = (page: MessagePage) => {
    hasOlder = page.hasPreviousPage;
    olderCursor = page.startCursor;
  };

  return {
    view: () => view,
    begin(page) {
      const inPage = new Set(page.messages.map(({ id }) => id));
      const added = (addedSince ?? order).filter((id, at, all) => !inPage.has(id) && all.indexOf(id) === at);
      addedSince = undefined;
      order = [...page.messages.map(({ id }) => id), ...added];
      const kept = new Set(order);
      for (const id of [...messages.keys()]) if (!kept.has(id)) messages.delete(id);
      for (const message of page.messages) put(message);
      setPaging(page);
      render();
    },
    addOlder(page) {
      order = [...page.messages.map(({ id }) => id).filter((id) => !messages.has(id)), ...order];
      for (const message of page.messages) put(message);
      setPaging(page);
      render();
    },
    expectRefetch() {
      addedSince = [];
    },
    apply(events) {
      for (const event of events) applyOne(event);
      render();
    },
  };
};
