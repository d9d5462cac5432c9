import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A load balancer in front of nodes: TCP, in turn, and past those that do not answer. */
export interface Balancer {
  /** `http://host:port/graphql` */
  readonly url: string;
  readonly wsUrl: string;
  /** Sends what comes from now on to these instead. */
  setTargets(urls: readonly string[]): void;
  /** Drops all connections in the middle of whatever they do. */
  cut(): void;
  dispose(): Promise<void>;
}

const join = (client: Socket, upstream: Socket): void => {
  client.pipe(upstream).pipe(client);
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
};

export const startBalancer = async (urls: readonly string[]): Promise<Balancer> => {
  const sockets = new Set<Socket>();
  let targets = urls.map((url) => new URL(url));
  let turn = 0;

  /** Each in an order of its own, otherwise one that comes meanwhile would send this one to the same node twice. */
  const toFirst = (client: Socket, [target, ...others]: readonly URL[]): void => {
    if (!target) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    const onError = () => toFirst(client, others);
    upstream.once('error', onError);
    upstream.once('connect', () => {
      upstream.off('error', onError);
      join(client, upstream);
    });
  };

  const server = createServer((client) => {
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    client.on('error', () => {});
    const begin = turn++ % targets.length;
    toFirst(client, [...targets.slice(begin), ...targets.slice(0, begin)]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: `http://${host}/graphql`,
    wsUrl: `ws://${host}/graphql`,
    setTargets(next) {
      targets = next.map((url) => new URL(url));
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async dispose() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
