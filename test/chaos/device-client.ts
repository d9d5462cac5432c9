import { createEdAgentClient } from 'edagent-client';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { sleep } from '../../src/util/sleep.ts';
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

/** By itself a stock client waits for ever for a line that says nothing. */
const ackTimeoutMs = 10_000;
/** As many retries as a stock client makes by itself. */
const ownRetries = 5;

/**
 * The wait of a stock client by itself: 1, 2, 4, 8, 16 s and up to 3 s more. Where it would give up, after the fifth retry,
 * the app begins anew.
 */
const stockWaitMs = (retries: number, random: Random): number =>
  1_000 * 2 ** (retries % ownRetries) + 300 + random.int(2_700);

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
    retryWait: (retries) => sleep(stockWaitMs(retries, random)),
    // By itself it also gives up at once when a connection is refused: that is an error event and no close event.
    shouldRetry: () => true,
  });
};
