import { randomUUID } from 'node:crypto';
import type { GraphQLError } from 'graphql';
import type { Client } from 'graphql-ws';
import { messageReceivedDocument, sendDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { collect, type TestApp } from '../../support/test-app.ts';

/** What a subscriber of `messageReceived` got, one result each. */
export interface HeardEvent {
  readonly __typename: string;
  readonly id?: string;
  readonly topic?: string;
  readonly cursor?: string;
  readonly cursors?: readonly { readonly topic: string; readonly cursor: string }[];
  readonly resumed?: boolean;
  readonly cause?: string;
  readonly messageId?: string;
  readonly conversationId?: string;
  readonly offset?: number;
  readonly text?: string;
  readonly title?: string;
  readonly message?: {
    readonly id: string;
    readonly text: string;
    readonly author: { readonly kind: string };
  };
}

export interface Heard {
  readonly events: HeardEvent[];
  /** The results as they came, `extensions` too. */
  readonly results: ReturnType<typeof collect>['results'];
  readonly ended: ReturnType<typeof collect>['ended'];
  types(): string[];
  of(typename: string): HeardEvent[];
  /** Texts of the messages of people. */
  texts(): string[];
  ready(): Promise<HeardEvent>;
  /** The last known cursor of a topic. */
  cursor(topic: string): string;
  stop(): void;
}

export const hear = (
  client: Client,
  variables: { conversationId?: string | null; after?: readonly string[] } = {},
  extensions?: Record<string, unknown>,
): Heard => {
  const collected = collect(client, messageReceivedDocument, variables, extensions);
  const events = (): HeardEvent[] =>
    collected.results.map(({ data, errors }) => {
      if (errors) throw new Error(JSON.stringify(errors));
      return data?.messageReceived as HeardEvent;
    });
  const of = (typename: string): HeardEvent[] => events().filter((event) => event.__typename === typename);
  return {
    get events() {
      return events();
    },
    results: collected.results,
    ended: collected.ended,
    types: () => events().map(({ __typename }) => __typename),
    of,
    texts: () =>
      of('MessageAdded').flatMap(({ message }) => (message?.author.kind === 'LEARNER' ? [message.text] : [])),
    ready: () => eventually(() => of('Ready')[0]),
    cursor(topic) {
      const told = events().flatMap(({ topic: of, cursor, cursors }) =>
        cursors ? [...cursors] : [{ topic: of, cursor }],
      );
      const last = told.findLast((one) => one.topic === topic)?.cursor;
      if (last === undefined) throw new Error(`no cursor of ${topic}`);
      return last;
    },
    stop: collected.stop,
  };
};

export interface SentMessage {
  readonly conversationId: string;
  readonly messageId: string;
  readonly answerId: string | null;
  readonly cursor: string;
}

export const say = async (
  app: TestApp,
  token: string,
  text: string,
  more: { conversationId?: string; answer?: boolean } = {},
): Promise<SentMessage> => {
  const input = { clientMessageId: randomUUID(), text, answer: false, ...more };
  const { data, errors } = await app.query(token, sendDocument, { input });
  if (errors) throw new Error(JSON.stringify(errors));
  const { conversation, message, answer, cursor } = data.sendMessage;
  return { conversationId: conversation.id, messageId: message.id, answerId: answer?.id ?? null, cursor };
};

/** A mutation of one field that has to succeed. */
export const change = async (app: TestApp, token: string, field: string): Promise<void> => {
  const { errors } = await app.query(token, `mutation { ${field} }`);
  if (errors) throw new Error(JSON.stringify(errors));
};

/** The user exists from the first request on. */
export const meet = async (
  app: TestApp,
  user: string,
  role: 'learner' | 'admin' = 'learner',
): Promise<string> => {
  const token = await app.token(user, { role });
  const { errors } = await app.query(token, '{ viewer { user { id } } }');
  if (errors) throw new Error(JSON.stringify(errors));
  return token;
};

/** The extensions of the error that came in place of events, before or from execution. */
export const refusalOf = async ({ ended, results }: Heard): Promise<unknown> => {
  const end = await ended;
  const [error] = end.kind === 'complete' ? (results[0]?.errors ?? []) : (end.error as GraphQLError[]);
  if (!error || results.length > 1) throw new Error(`no refusal: ${JSON.stringify({ end, results })}`);
  return error.extensions;
};
