import { createEdAgentClient } from 'edagent-client';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Random } from '../support/random.ts';
import type { Resumption } from './history.ts';

export interface DeviceClientOptions {
  readonly resumption: Resumption;
  /** Called for every socket. */
  readonly url: () => string;
  /** Called for every connection. */
  readonly authorization: () => Promise<string>;
  /** Of edagent-client: this conversation has to be read again. */
  readonly onResync: (conversationId: string | null) => void;
  readonly random: Random;
}

const ackTimeoutMs = 10_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** edagent-client, or a stock client that never gives up. */
export const createDeviceClient = (options: DeviceClientOptions): Client => {
  const { resumption, url, authorization, onResync, random } = options;
  const shared = {
    url,
    webSocketImpl: WebSocket,
    connectionParams: async () => ({ authorization: await authorization() }),
    connectionAckWaitTimeout: ackTimeoutMs,
  };
  if (resumption === 'helper') {
    return createEdAgentClient({
      ...shared,
      onResync: ({ payload }) => onResync((payload.variables?.conversationId as string | null) ?? null),
    });
  }
  return createClient({
    ...shared,
    retryAttempts: Number.POSITIVE_INFINITY,
    // As it does by itself at the first retry, without its endless doubling.
    retryWait: () => pause(1_300 + random.int(2_700)),
    shouldRetry: () => true,
  });
};
