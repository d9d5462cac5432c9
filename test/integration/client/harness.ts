import type { Client, FormattedExecutionResult, SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createEdAgentClient, type EdAgentClientOptions } from '../../../client/src/index.ts';
import { type ProtocolServer, startProtocolServer } from '../../support/protocol-server.ts';

export const query = 'subscription { event }';

/** What the server says of a durable event in `extensions`; its data is the cursor, so that tests can tell events apart. */
export const durable = (topic: string, cursor: string) => ({
  data: { event: cursor },
  extensions: { topic, cursor, event: 'MessageAdded' },
});

const toCursors = (cursors: Record<string, string>) =>
  Object.entries(cursors).map(([topic, cursor]) => ({ topic, cursor }));

export const ready = (cursors: Record<string, string>, resumed = false) => ({
  data: { event: 'Ready' },
  extensions: { event: 'Ready', resumed, cursors: toCursors(cursors) },
});

export const resync = (cursors: Record<string, string>) => ({
  data: { event: 'Resync' },
  extensions: { event: 'Resync', cursors: toCursors(cursors) },
});

export interface Collected {
  readonly events: unknown[];
  readonly errors: unknown[];
  readonly completed: boolean;
  unsubscribe(): void;
}

export const collect = (client: Client, payload: SubscribePayload = { query }): Collected => {
  const events: unknown[] = [];
  const errors: unknown[] = [];
  let completed = false;
  const unsubscribe = client.subscribe<{ event: unknown }>(payload, {
    next: (result: FormattedExecutionResult<{ event: unknown }>) => events.push(result.data?.event),
    error: (error) => errors.push(error),
    complete: () => {
      completed = true;
    },
  });
  return {
    events,
    errors,
    get completed() {
      return completed;
    },
    unsubscribe,
  };
};

export interface Harness {
  readonly server: ProtocolServer;
  connect(options?: Partial<EdAgentClientOptions>): Client;
  dispose(): Promise<void>;
}

export const startHarness = async (): Promise<Harness> => {
  const server = await startProtocolServer();
  const clients: Client[] = [];
  return {
    server,
    connect(options) {
      // A Client of graphql-ws by its type too: what takes one takes this.
      const client: Client = createEdAgentClient({ url: server.url, webSocketImpl: WebSocket, ...options });
      clients.push(client);
      return client;
    },
    async dispose() {
      await Promise.all(clients.map((client) => client.dispose()));
      await server.dispose();
    },
  };
};
