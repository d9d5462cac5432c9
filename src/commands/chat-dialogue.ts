import { EdAgentError, notFound } from '../domain/errors.ts';
import { newId } from '../util/id.ts';
import {
  type ChatEvent,
  type ConversationsData,
  conversationsDocument,
  eventsDocument,
  markReadDocument,
  type PageData,
  pageDocument,
  type RetryData,
  retryDocument,
  type SendData,
  sendDocument,
  stopDocument,
  type TypingData,
  typingDocument,
} from './chat-documents.ts';
import type { ChatView } from './chat-screen.ts';
import { createTranscript, type Transcript } from './chat-transcript.ts';
import type { Live } from './live.ts';

export type ConversationRow = ConversationsData['viewer']['conversations']['edges'][number]['node'];

/** One conversation after the other, followed live. */
export interface ChatDialogue {
  /** Goes on with a conversation: shows what was said last, then follows it. */
  open(conversationId: string): Promise<void>;
  /** The next message begins another conversation. */
  leave(): void;
  /** Resolves when it is stored. One after the other, in order. */
  send(text: string): Promise<void>;
  /** False: there was no answer to stop. */
  stop(): Promise<boolean>;
  /** Has the last answer made again. */
  retry(): Promise<void>;
  list(): Promise<readonly ConversationRow[]>;
  /** Reads the conversation anew, after events that will not be delivered. */
  refresh(): Promise<void>;
  readonly isAnswering: boolean;
  readonly failures: number;
  /** Resolves when no answer is open. */
  idle(): Promise<void>;
  /** Rejects when the server ended it for good. */
  readonly broken: Promise<never>;
  dispose(): void;
}

export interface ChatDialogueOptions {
  readonly live: Live;
  readonly viewerId: string;
  readonly view: ChatView;
}

interface Followed {
  readonly id: string;
  readonly transcript: Transcript;
  readonly unfollow: () => void;
}

export const createChatDialogue = ({ live, viewerId, view }: ChatDialogueOptions): ChatDialogue => {
  let followed: Followed | null = null;
  let failuresBefore = 0;
  let sends: Promise<void> = Promise.resolve();
  let breakOff: (error: Error) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    breakOff = reject;
  });
  // Whoever waits for it hears of it; a chat that has just been left need not.
  broken.catch(() => {});

  const leave = (): void => {
    failuresBefore += followed?.transcript.failures ?? 0;
    followed?.unfollow();
    followed?.transcript.dispose();
    followed = null;
  };

  const markRead = (id: string, messageId: string): void => {
    live.execute(markReadDocument, { id, messageId }).catch(() => {
      // It stays unread: nothing is lost.
    });
  };

  const follow = (id: string, after: string, transcript: Transcript): void => {
    let isFirst = true;
    const next = (event: ChatEvent): void => {
      if (event.__typename === 'Ready') {
        if (!isFirst && event.resumed) view.note('Nothing was missed.');
        isFirst = false;
      }
      transcript.event(event);
      if ('failure' in event || event.__typename === 'AnswerFinished') markRead(id, event.messageId);
    };
    const offEvents = live.follow<{ messageReceived: ChatEvent }>(
      { query: eventsDocument, variables: { id, after: [after] } },
      {
        next: ({ messageReceived }) => next(messageReceived),
        failed: breakOff,
        completed() {
          if (followed?.transcript !== transcript) return;
          view.note('You no longer take part in this conversation.');
          leave();
        },
      },
    );
    const offTyping = live.follow<TypingData>(
      { query: typingDocument, variables: { id } },
      {
        next({ typing: { author, isTyping } }) {
          if (author.kind === 'TUTOR' || author.id !== viewerId) view.typing(author.name, isTyping);
        },
        failed() {},
        completed() {},
      },
    );
    const unfollow = (): void => {
      offEvents();
      offTyping();
    };
    followed = { id, transcript, unfollow };
  };

  const readPage = async (id: string) => {
    const { conversation } = await live.execute<PageData>(pageDocument, { id });
    if (!conversation) throw notFound('conversation');
    const { cursor, edges } = conversation.messages;
    return { title: conversation.title, cursor, messages: edges.map(({ node }) => node) };
  };

  const sendIn = async (place: Followed | null, transcript: Transcript, text: string): Promise<void> => {
    const input = { clientMessageId: newId(), conversationId: place?.id ?? null, text };
    let begin: { id: string; cursor: string } | null = null;
    await transcript.sending(async () => {
      const { sendMessage } = await live.execute<SendData>(sendDocument, { input });
      if (sendMessage.__typename === 'AnswerInProgress') {
        view.note(sendMessage.reason);
        return null;
      }
      begin = { id: sendMessage.conversation.id, cursor: sendMessage.cursor };
      if (!place) {
        view.note(`Conversation ${begin.id}`);
        follow(begin.id, begin.cursor, transcript);
      }
      return { messageId: sendMessage.message.id, answerId: sendMessage.answer.id };
    });
  };

  return {
    async open(id) {
      const { title, cursor, messages } = await readPage(id);
      leave();
      view.note(`Conversation ${id}: ${title}`);
      const transcript = createTranscript(viewerId, view);
      transcript.page(messages);
      follow(id, cursor, transcript);
      const last = messages.at(-1);
      if (last) markRead(id, last.id);
    },
    leave,
    send(text) {
      const sent = sends.then(() =>
        sendIn(followed, followed?.transcript ?? createTranscript(viewerId, view), text),
      );
      sends = sent.catch(() => {});
      return sent;
    },
    async stop() {
      const id = followed?.transcript.openAnswer;
      if (!id) return false;
      await live.execute(stopDocument, { id });
      return true;
    },
    async retry() {
      const messageId = followed?.transcript.lastAnswer;
      if (!(followed && messageId)) throw new EdAgentError('BAD_INPUT', 'There is no answer yet.');
      await followed.transcript.sending(async () => {
        const { retryAnswer } = await live.execute<RetryData>(retryDocument, {
          input: { clientRetryId: newId(), messageId },
        });
        if (retryAnswer.__typename === 'RetryAnswerSuccess') {
          return { messageId: null, answerId: retryAnswer.answer.id };
        }
        view.note(retryAnswer.reason);
        return null;
      });
    },
    async list() {
      const { viewer } = await live.execute<ConversationsData>(conversationsDocument);
      return viewer.conversations.edges.map(({ node }) => node);
    },
    async refresh() {
      const place = followed;
      if (!place) return;
      view.note('Not everything could be replayed: reading the conversation again.');
      const { messages } = await readPage(place.id);
      place.transcript.page(messages);
    },
    get isAnswering() {
      return (followed?.transcript.openAnswer ?? null) !== null;
    },
    get failures() {
      return failuresBefore + (followed?.transcript.failures ?? 0);
    },
    async idle() {
      await sends;
      await followed?.transcript.idle();
    },
    broken,
    dispose: leave,
  };
};
