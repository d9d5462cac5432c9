import { Cluster } from 'ioredis';
import { connectionsOf, type RedisClients } from './redis-client.ts';
import type { RedisSubscriber } from './redis-subscriber.ts';

export interface HeartbeatOptions extends RedisClients {
  readonly link: RedisSubscriber;
  readonly publish: (channel: string, payload: string) => Promise<unknown>;
  readonly everyMs: number;
  readonly timeoutMs: number;
}

/** A reply this late says that our own event loop stood still, not that the link is broken. */
const stallMs = 500;

/**
 * Notices links that are dead without having been closed, which TCP alone tells only after minutes, and has them made
 * anew. The subscriber is tested with a message through all of Redis, so that a node that is cut off from its Cluster,
 * or a master that is none any more, is noticed too.
 */
export const createHeartbeat = (options: HeartbeatOptions): { dispose(): void } => {
  const { client, subscriber, link, publish, everyMs, timeoutMs } = options;
  const reconnects = !(client instanceof Cluster);

  const test = async (check: () => Promise<boolean>, giveUp: () => void): Promise<void> => {
    const startedAt = performance.now();
    const isAlive = await check().catch(() => false);
    if (isAlive || performance.now() - startedAt > timeoutMs + stallMs) return;
    giveUp();
  };

  const testConnections = () =>
    connectionsOf(client)
      .filter(({ status }) => status === 'ready')
      .map((connection) =>
        test(
          async () => (await connection.ping()) === 'PONG',
          () => connection.status === 'ready' && connection.disconnect(reconnects),
        ),
      );

  const testSubscriber = () =>
    test(
      // When publishing fails, only the link itself can be tested.
      () => link.probe(publish, timeoutMs).catch(async () => Boolean(await subscriber.ping())),
      () => subscriber.status === 'ready' && subscriber.disconnect(true),
    );

  const beat = async (): Promise<void> => {
    await Promise.all([...testConnections(), ...(link.isUp ? [testSubscriber()] : [])]);
    if (!disposed) timer = setTimeout(() => void beat(), everyMs);
  };

  let disposed = false;
  let timer = setTimeout(() => void beat(), everyMs);

  return {
    dispose() {
      disposed = true;
      clearTimeout(timer);
    },
  };
};
