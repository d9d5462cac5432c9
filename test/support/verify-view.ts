import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import { endStates } from './answer-ends.ts';
import { eventually } from './eventually.ts';
import { type Collected, collect, type TestApp } from './test-app.ts';

/** What a front end shows of a conversation, kept up to date by events alone. */
export interface View {
  readonly title: string;
  readonly messages: readonly ViewMessage[];
}

export interface ViewMessage {
  readonly id: string;
  readonly text: string;
  readonly author: { readonly kind: string; readonly id: string; readonly name: string };
  readonly inReplyTo: string | null;
  readonly retryOf: string | null;
  readonly answer: { readonly state: string; readonly failure: { readonly code: string } | null } | null;
}

const messageFields = 'id text inReplyTo retryOf author { kind id name } answer { state failure { code } }';

const pageDocument = /* GraphQL */ `
  query View($id: ID!) {
    conversation(id: $id) { title messages(last: 100) { cursor edges { node { ${messageFields} } } } }
  }
`;

const eventsDocument = /* GraphQL */ `
  subscription View($conversationId: ID!, $after: [Cursor!]) {
    messageReceived(conversationId: $conversationId, after: $after) {
      __typename
      ... on Ready { cursors { topic cursor } }
      ... on Resync { cause }
      ... on DurableEvent { topic cursor }
      ... on AnswerDelta { messageId attempt offset text }
      ... on MessageAdded { message { ${messageFields} } }
      ... on AnswerStarted { messageId }
      ... on AnswerFinished { messageId text }
      ... on AnswerStopped { messageId text }
      ... on AnswerFailed { messageId text failure { code } }
      ... on ConversationUpdated { title }
    }
  }
`;

interface ViewEvent {
  readonly __typename: string;
  readonly topic?: string;
  readonly cursor?: string;
  readonly cursors?: readonly { readonly topic: string; readonly cursor: string }[];
  readonly message?: ViewMessage;
  readonly messageId?: string;
  readonly attempt?: number;
  readonly offset?: number;
  readonly text?: string;
  readonly title?: string;
  readonly failure?: { readonly code: string };
}

const change = (
  view: View,
  messageId: string | undefined,
  to: (message: ViewMessage) => ViewMessage,
): View => ({
  ...view,
  messages: view.messages.map((message) => (message.id === messageId ? to(message) : message)),
});

/** One event applied to what is shown: all that a client has to know of the events of a conversation. */
const applyEvent = (view: View, event: ViewEvent): View => {
  const { __typename, message, messageId, text = '', offset = 0, failure = null } = event;
  const endState = endStates[__typename];
  if (endState) {
    return change(view, messageId, (shown) => ({ ...shown, text, answer: { state: endState, failure } }));
  }
  switch (__typename) {
    case 'MessageAdded':
      return message ? { ...view, messages: [...view.messages, message].slice(-100) } : view;
    case 'AnswerStarted':
      return change(view, messageId, (shown) => ({
        ...shown,
        answer: { state: 'GENERATING', failure: null },
      }));
    case 'AnswerDelta':
      return change(view, messageId, (shown) => ({ ...shown, text: shown.text.slice(0, offset) + text }));
    case 'ConversationUpdated':
      return { ...view, title: event.title ?? '' };
    default:
      return view;
  }
};

const loadView = async (app: TestApp, token: string, id: string): Promise<{ view: View; cursor: string }> => {
  const { data, errors } = await app.query(token, pageDocument, { id });
  if (errors || !data.conversation) throw new Error(`no page of ${id}: ${JSON.stringify(errors)}`);
  const { title, messages } = data.conversation;
  return {
    view: { title, messages: messages.edges.map(({ node }: { node: ViewMessage }) => node) },
    cursor: messages.cursor,
  };
};

const eventsOf = (collected: Collected): ViewEvent[] =>
  collected.results.map(({ data, errors }) => {
    if (errors) throw new Error(JSON.stringify(errors));
    return data?.messageReceived as ViewEvent;
  });

export interface ViewCheck {
  /** Waits until what the events made of the page is what a fresh query gives. Not while an answer is being made. */
  matches(): Promise<void>;
  readonly events: readonly ViewEvent[];
  stop(): void;
}

/**
 * Reads a page of the messages, subscribes after its cursor, and applies every event from then on. `matches` may be called
 * after every step of a test, as often as wanted: snapshot + deltas = fresh snapshot.
 */
export const followView = async (app: TestApp, token: string, conversationId: string): Promise<ViewCheck> => {
  const { view, cursor } = await loadView(app, token, conversationId);
  const collected = collect(app.stockClient(token), eventsDocument, { conversationId, after: [cursor] });
  await eventually(() => eventsOf(collected).some(({ __typename }) => __typename === 'Ready'));

  const shown = (): View => eventsOf(collected).reduce(applyEvent, view);

  return {
    get events() {
      return eventsOf(collected);
    },
    async matches() {
      let fresh = view;
      const isSame = async (): Promise<boolean> => {
        fresh = (await loadView(app, token, conversationId)).view;
        return isDeepStrictEqual(shown(), fresh);
      };
      // When they never become the same, the difference says more than the time that passed.
      await eventually(isSame, { timeoutMs: 5_000 }).catch(() => {});
      expect(shown()).toEqual(fresh);
      expect(eventsOf(collected).filter(({ __typename }) => __typename === 'Resync')).toEqual([]);
    },
    stop: collected.stop,
  };
};
