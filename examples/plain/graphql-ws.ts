import { print } from 'graphql';
import { createClient } from 'graphql-ws';
import { MessageReceived } from '../documents.ts';
import type { MessageReceivedSubscription } from '../generated/graphql.ts';

interface Position {
  readonly topic: string;
  readonly cursor: string;
}

/** What the server says beside the data of an event. */
interface EventExtensions extends Partial<Position> {
  readonly cursors?: readonly Position[];
  readonly event?: string;
}

export interface FollowOptions {
  readonly url: string;
  readonly token: () => string | Promise<string>;
  readonly webSocketImpl?: unknown;
  readonly id: string;
  /** Of a page, or of what was sent. */
  readonly cursor: string;
  readonly onEvent: (event: MessageReceivedSubscription['messageReceived']) => void;
  /** What was missed is not replayed: query again. */
  readonly onResync: () => void;
  readonly onError: (error: unknown) => void;
}

/** What edagent-client does beyond this: it drops what it saw, renews tokens, finds dead sockets, waits less. */
export const follow = (options: FollowOptions): (() => Promise<void>) => {
  const client = createClient({
    url: options.url,
    webSocketImpl: options.webSocketImpl,
    connectionParams: async () => ({ authorization: `Bearer ${await options.token()}` }),
    retryAttempts: Infinity,
    shouldRetry: () => true,
  });
  const cursors = new Map<string, string>();
  // graphql-ws serializes the request again after every reconnect, so that it resumes where this then stands.
  const extensions = { after: [options.cursor] };
  const request = { query: print(MessageReceived), variables: { id: options.id }, extensions };
  client.subscribe<MessageReceivedSubscription, EventExtensions>(request, {
    next({ data, extensions: { topic, cursor, cursors: all = [], event } = {} }) {
      const reached = topic && cursor ? [{ topic, cursor }] : all;
      for (const position of reached) cursors.set(position.topic, position.cursor);
      if (reached.length > 0) extensions.after = [...cursors.values()];
      if (data) options.onEvent(data.messageReceived);
      if (event === 'Resync') options.onResync();
    },
    error: options.onError,
    complete() {},
  });
  return async () => client.dispose();
};
