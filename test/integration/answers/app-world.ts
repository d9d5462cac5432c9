import { randomUUID } from 'node:crypto';
import { sendDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { createScriptedTutor, type ScriptedTutor } from '../../support/scripted-tutor.ts';
import { testRedisUrl } from '../../support/services.ts';
import { createEmptyPostgres } from '../../support/stores.ts';
import { newUserId, startTestApp, type TestApp, type TestAppOptions } from '../../support/test-app.ts';
import { type Viewer, watch } from '../../support/viewer.ts';

const stopDocument = /* GraphQL */ `
  mutation Stop($messageId: ID!) {
    stopAnswer(messageId: $messageId) { id text answer { state attempt } }
  }
`;

const retryDocument = /* GraphQL */ `
  mutation Retry($input: RetryAnswerInput!) {
    retryAnswer(input: $input) {
      __typename
      ... on RetryAnswerSuccess { answer { id retryOf inReplyTo answer { state } } conversation { id } }
      ... on AnswerInProgress { code messageId }
      ... on NotLastAnswer { code }
    }
  }
`;

const answersDocument = /* GraphQL */ `
  query Answers($id: ID!) {
    conversation(id: $id) {
      messages(first: 100) {
        cursor
        edges {
          node {
            id text inReplyTo retryOf author { kind }
            answer { state attempt startedAt closedAt failure { code temporary } usage { inputTokens outputTokens } }
          }
        }
      }
    }
  }
`;

export interface Cluster {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
  dispose(): Promise<void>;
}

/** A database and a prefix of its own; `redisUrl` to use a Redis of the test's own. */
export const createCluster = async (redisUrl = testRedisUrl()): Promise<Cluster> => {
  const database = await createEmptyPostgres();
  if (!database || redisUrl === null) throw new Error('there are no services for tests');
  return {
    databaseUrl: database.url,
    redisUrl,
    prefix: `test:${randomUUID()}:`,
    dispose: database.dispose,
  };
};

/** The settings of a node of this cluster that runs as a process of its own. */
export const toNodeEnv = ({ databaseUrl, redisUrl, prefix }: Cluster): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  EDAGENT_REDIS_PREFIX: prefix,
});

export interface TutoredApp extends TestApp {
  readonly tutor: ScriptedTutor;
}

/** A node whose tutor is played by the test. */
export const startTutoredApp = async (
  options: TestAppOptions & { tutor?: ScriptedTutor } = {},
): Promise<TutoredApp> => {
  const tutor = options.tutor ?? createScriptedTutor();
  const app = await startTestApp({ ...options, tutor, env: { EDAGENT_LEASE: '600ms', ...options.env } });
  return { ...app, tutor };
};

export interface Asked {
  readonly messageId: string;
  readonly answerId: string;
  readonly conversationId: string;
  readonly cursor: string;
}

export interface AnswerRow {
  readonly id: string;
  readonly text: string;
  readonly inReplyTo: string | null;
  readonly retryOf: string | null;
  readonly answer: {
    readonly state: string;
    readonly attempt: number;
    readonly failure: { readonly code: string; readonly temporary: boolean } | null;
    readonly usage: object | null;
  };
}

/** A learner with everything that the tests do in their name. */
export interface Learner {
  readonly token: string;
  readonly id: string;
  /** The whole result of sendMessage. */
  // biome-ignore lint/suspicious/noExplicitAny: the result of a document written here
  send(app: Pick<TestApp, 'query'>, input?: Record<string, unknown>): Promise<any>;
  ask(app: Pick<TestApp, 'query'>, input?: Record<string, unknown>): Promise<Asked>;
  watch(app: TestApp, asked: Pick<Asked, 'conversationId' | 'cursor'>): Viewer;
  stop(app: TestApp, answerId: string): Promise<{ id: string; text: string; answer: { state: string } }>;
  // biome-ignore lint/suspicious/noExplicitAny: the result of a document written here
  retry(app: TestApp, answerId: string, clientRetryId?: string): Promise<any>;
  /** The answers of a conversation, in order. */
  answers(app: TestApp, conversationId: string): Promise<AnswerRow[]>;
  closed(app: TestApp, asked: Asked, options?: { timeoutMs?: number }): Promise<AnswerRow>;
}

const must = <T extends { data: unknown; errors?: readonly unknown[]; text: string }>(response: T): T => {
  if (response.errors || !response.data) throw new Error(response.text);
  return response;
};

export const createLearner = async (app: TestApp): Promise<Learner> => {
  const id = newUserId('ada');
  const token = await app.token(id, { name: 'Ada' });

  const learner: Learner = {
    id,
    token,
    async send(node, input = {}) {
      const full = { clientMessageId: randomUUID(), text: 'What is a group?', ...input };
      return must(await node.query(token, sendDocument, { input: full })).data.sendMessage;
    },
    async ask(node, input) {
      const sent = await learner.send(node, input);
      if (!sent.answer) throw new Error(JSON.stringify(sent));
      return {
        messageId: sent.message.id,
        answerId: sent.answer.id,
        conversationId: sent.conversation.id,
        cursor: sent.cursor,
      };
    },
    watch: (node, { conversationId, cursor }) => watch(node.client(token), conversationId, [cursor]),
    async stop(node, messageId) {
      return must(await node.query(token, stopDocument, { messageId })).data.stopAnswer;
    },
    async retry(node, messageId, clientRetryId = randomUUID()) {
      const input = { messageId, clientRetryId };
      return must(await node.query(token, retryDocument, { input })).data.retryAnswer;
    },
    async answers(node, conversationId) {
      const { data } = must(await node.query(token, answersDocument, { id: conversationId }));
      const nodes: AnswerRow[] = data.conversation.messages.edges.map(
        (edge: { node: AnswerRow }) => edge.node,
      );
      return nodes.filter(({ answer }) => answer);
    },
    closed: (node, { answerId, conversationId }, options) =>
      eventually(async () => {
        const row = (await learner.answers(node, conversationId)).find((one) => one.id === answerId);
        return row && !['WAITING', 'GENERATING'].includes(row.answer.state) ? row : null;
      }, options),
  };
  return learner;
};
