import { createEdAgentClient } from 'edagent-client';
import { type Client, type ClientOptions, createClient, type FormattedExecutionResult } from 'graphql-ws';
import WebSocket from 'ws';
import { sleep } from '../../src/util/sleep.ts';
import { messageReceivedDocument } from './documents.ts';
import { testSecret, testToken } from './test-app.ts';

/** For servers in other processes: their settings, requests to them, and sockets that are cut on the way. */

/** A server of a test takes tokens of `testToken`, and its limits do not get in the way. */
export const testServerEnv = {
  NODE_ENV: 'test',
  EDAGENT_JWT_SECRET: testSecret,
  EDAGENT_MESSAGES_PER_MINUTE: '10000',
  EDAGENT_OFFLINE_TOKENS_PER_SECOND: '1000',
} as const;

// biome-ignore lint/suspicious/noExplicitAny: tests reach into results of documents they wrote themselves
type Data = any;

/** One operation over HTTP; throws what the server says is wrong. */
export const request = async (
  base: string,
  token: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Data> => {
  const response = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
};

export interface ReceivedEvent {
  readonly __typename: string;
  readonly [field: string]: unknown;
}

/** A socket that closed, by the clock of `performance`. */
export interface Loss {
  readonly closedAtMs: number;
  /** When its client, which waits before that, began to connect again: each try. */
  readonly triesAtMs: readonly number[];
  /** When the next `Ready` came. */
  readonly readyAtMs: number | null;
}

/** A subscription to a conversation that goes on over every loss of its socket. */
export interface Receiver {
  readonly events: ReceivedEvent[];
  /** Close codes of its sockets, oldest first. */
  readonly closes: number[];
  readonly losses: readonly Loss[];
  ofType(typename: string): ReceivedEvent[];
  /** The text of the answer, put together as the protocol says. */
  dispose(): Promise<void>;
}

export interface ReceiverOptions {
  readonly url: string;
  readonly user: string;
  readonly conversationId: string;
  readonly cursor: string;
}

const toReceiver = (
  client: Client,
  variables: Record<string, unknown>,
  onEvent: (event: ReceivedEvent) => void = () => {},
): Receiver => {
  const events: ReceivedEvent[] = [];
  const closes: number[] = [];
  const losses: { closedAtMs: number; triesAtMs: number[]; readyAtMs: number | null }[] = [];
  client.on('closed', (event) => {
    closes.push((event as { code: number }).code);
    losses.push({ closedAtMs: performance.now(), triesAtMs: [], readyAtMs: null });
  });
  client.on('connecting', () => losses.at(-1)?.triesAtMs.push(performance.now()));
  const noteReady = (): void => {
    for (const loss of losses) loss.readyAtMs ??= performance.now();
  };
  client.subscribe(
    { query: messageReceivedDocument, variables },
    {
      next: (result: FormattedExecutionResult<Record<string, unknown>>) => {
        if (result.errors) throw new Error(JSON.stringify(result.errors));
        const event = result.data?.messageReceived as ReceivedEvent;
        if (event.__typename === 'Ready') noteReady();
        onEvent(event);
        events.push(event);
      },
      error: (error) => events.push({ __typename: 'error', error }),
      complete: () => events.push({ __typename: 'complete' }),
    },
  );
  return {
    events,
    closes,
    losses,
    ofType: (typename) => events.filter((event) => event.__typename === typename),
    dispose: async () => {
      await client.dispose();
    },
  };
};

const toClientOptions = async ({ url, user }: ReceiverOptions): Promise<ClientOptions> => ({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${await testToken(user)}` },
});

/** edagent-client: keeps the cursors itself. */
export const receive = async (options: ReceiverOptions): Promise<Receiver> => {
  const { conversationId, cursor } = options;
  const client = createEdAgentClient(await toClientOptions(options));
  return toReceiver(client, { conversationId, after: [cursor] });
};

/** So that tests need not wait as long as stock clients do. */
const promptRetries = {
  retryAttempts: Number.POSITIVE_INFINITY,
  retryWait: () => sleep(50),
  shouldRetry: () => true,
};

/** A stock graphql-ws client, and what its app has to do: keep one cursor a topic in the variables. */
export const receiveByStock = async (
  options: ReceiverOptions,
  retries: Partial<ClientOptions> = promptRetries,
): Promise<Receiver> => {
  const { conversationId, cursor } = options;
  const client = createClient({ ...(await toClientOptions(options)), ...retries });
  const cursors = new Map([[`conversation:${conversationId}`, cursor]]);
  const variables = {
    conversationId,
    // Read whenever the payload is sent, after a reconnect too.
    get after() {
      return [...cursors.values()];
    },
  };
  return toReceiver(client, variables, ({ topic, cursor: at, cursors: all }) => {
    if (typeof topic === 'string') cursors.set(topic, String(at));
    for (const entry of (all ?? []) as { topic: string; cursor: string }[])
      cursors.set(entry.topic, entry.cursor);
  });
};
