import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type ChatMessage,
  type ConversationEvent,
  createConversationModel,
  type MessagePage,
} from '../../../web/src/chat/conversation-state.ts';

/** A conversation as a server keeps it, and the events that it tells. */
const createServer = () => {
  const messages: ChatMessage[] = [];
  const events: ConversationEvent[] = [];

  const question = (): ChatMessage => ({
    id: `m${messages.length}`,
    createdAt: '2030-01-01T00:00:00.000Z',
    text: `Question ${messages.length}`,
    inReplyTo: null,
    retryOf: null,
    author: { id: 'ada', kind: 'LEARNER', name: 'Ada' },
    answer: null,
  });
  const store = (message: ChatMessage) => {
    messages.push(message);
    events.push({ __typename: 'MessageAdded', message });
  };
  const firstWith = (...states: string[]) =>
    messages.findIndex(({ answer }) => answer && states.includes(answer.state));
  const change = (at: number, message: Partial<ChatMessage>) => {
    messages[at] = { ...(messages[at] as ChatMessage), ...message };
  };

  return {
    messages,
    events,
    ask() {
      store(question());
      store({
        ...question(),
        text: '',
        author: { id: 'tutor', kind: 'TUTOR', name: 'Tutor' },
        answer: { state: 'WAITING', attempt: 0, failure: null },
      });
    },
    start() {
      const at = firstWith('WAITING');
      const message = messages[at];
      if (!message?.answer || firstWith('GENERATING') >= 0) return;
      change(at, { answer: { ...message.answer, state: 'GENERATING', attempt: 1 } });
      events.push({ __typename: 'AnswerStarted', messageId: message.id });
    },
    write(text: string) {
      const at = firstWith('GENERATING');
      const message = messages[at];
      if (!message?.answer) return;
      const offset = message.text.length;
      change(at, { text: message.text + text });
      events.push({
        __typename: 'AnswerDelta',
        messageId: message.id,
        attempt: message.answer.attempt,
        offset,
        text,
      });
    },
    beginAnew() {
      const at = firstWith('GENERATING');
      const message = messages[at];
      if (!message?.answer) return;
      const attempt = message.answer.attempt + 1;
      change(at, { text: 'Again.', answer: { ...message.answer, attempt } });
      events.push({ __typename: 'AnswerDelta', messageId: message.id, attempt, offset: 0, text: 'Again.' });
    },
    close(kind: 'AnswerFinished' | 'AnswerStopped' | 'AnswerFailed') {
      const at = firstWith('GENERATING');
      const message = messages[at];
      if (!message?.answer) return;
      const { id: messageId, text, answer } = message;
      const failure = { code: 'INTERNAL', message: 'It failed.', temporary: true } as const;
      const state = { AnswerFinished: 'FINISHED', AnswerStopped: 'STOPPED', AnswerFailed: 'FAILED' } as const;
      const hasFailed = kind === 'AnswerFailed';
      change(at, { answer: { ...answer, state: state[kind], failure: hasFailed ? failure : null } });
      events.push(
        hasFailed ? { __typename: kind, messageId, text, failure } : { __typename: kind, messageId, text },
      );
    },
    page(size: number, before: string | null): MessagePage {
      const end = before === null ? messages.length : messages.findIndex(({ id }) => id === before);
      const from = Math.max(0, end - size);
      const page = messages.slice(from, end);
      return { messages: page, hasPreviousPage: from > 0, startCursor: page[0]?.id ?? null };
    },
  };
};

type Server = ReturnType<typeof createServer>;

const step: fc.Arbitrary<(server: Server) => void> = fc.oneof(
  fc.constant((server: Server) => server.ask()),
  fc.constant((server: Server) => server.start()),
  fc.string({ minLength: 1, maxLength: 6 }).map((text) => (server: Server) => server.write(text)),
  fc.constant((server: Server) => server.beginAnew()),
  fc
    .constantFrom('AnswerFinished' as const, 'AnswerStopped' as const, 'AnswerFailed' as const)
    .map((kind) => (server: Server) => server.close(kind)),
);

/** All but the number of the attempt, which no event but a delta tells. */
const shown = (messages: readonly ChatMessage[]) =>
  messages.map(({ answer, ...message }) => ({ ...message, answer: answer && { ...answer, attempt: 0 } }));

/** What a reader sees does not hang on how it came. */
const fresh = (server: Server) => {
  const model = createConversationModel();
  model.begin(server.page(1_000, null));
  return shown(model.view().messages);
};

const run = (server: Server, steps: readonly ((server: Server) => void)[]) => {
  for (const each of steps) each(server);
};

test('a page and the events after it equal a fresh page, with older pages that come late', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.array(
        fc.record({ steps: fc.array(step, { maxLength: 12 }), lag: fc.nat(20), older: fc.boolean() }),
        {
          maxLength: 8,
        },
      ),
      fc.integer({ min: 1, max: 6 }),
      (before, turns, size) => {
        const server = createServer();
        run(server, before);
        const model = createConversationModel();
        model.begin(server.page(size, null));
        let seen = server.events.length;
        const see = (until: number) => {
          if (until > seen) model.apply(server.events.slice(seen, until));
          seen = Math.max(seen, until);
        };
        for (const { steps, lag, older } of turns) {
          const { hasOlder, olderCursor } = model.view();
          const late = older && hasOlder ? server.page(size, olderCursor) : undefined;
          run(server, steps);
          see(server.events.length - lag);
          if (late) model.addOlder(late);
        }
        see(server.events.length);
        while (model.view().hasOlder) model.addOlder(server.page(size, model.view().olderCursor));
        expect(shown(model.view().messages)).toEqual(fresh(server));
      },
    ),
    { numRuns: 500 },
  );
});

test('a refetch closes the hole that missed events left', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 20 }),
      fc.array(step, { maxLength: 20 }),
      fc.array(step, { maxLength: 10 }),
      fc.array(step, { maxLength: 10 }),
      (before, missed, beforePage, afterPage) => {
        const server = createServer();
        const model = createConversationModel();
        run(server, before);
        model.begin(server.page(3, null));
        run(server, missed);
        const from = server.events.length;
        model.expectRefetch();
        run(server, beforePage);
        const page = server.page(1_000, null);
        run(server, afterPage);
        model.apply(server.events.slice(from));
        model.begin(page);
        expect(shown(model.view().messages)).toEqual(fresh(server));
      },
    ),
    { numRuns: 300 },
  );
});

test('an event that comes twice changes nothing', () => {
  const server = createServer();
  const model = createConversationModel();
  model.begin(server.page(50, null));
  server.ask();
  server.start();
  server.write('One.');
  server.close('AnswerStopped');
  model.apply(server.events);
  model.apply(server.events);
  expect(shown(model.view().messages)).toEqual(fresh(server));
  expect(model.view().openAnswer).toBeUndefined();
});

test('a message that did not change is the same object', () => {
  const server = createServer();
  const model = createConversationModel();
  server.ask();
  server.start();
  model.begin(server.page(50, null));
  const [before] = model.view().messages;
  server.write('One.');
  model.apply(server.events.slice(-1));
  expect(model.view().messages[0]).toBe(before);
  expect(model.view().openAnswer?.text).toBe('One.');
});
