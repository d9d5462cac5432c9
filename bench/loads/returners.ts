import { eventually } from '../../test/support/eventually.ts';
import { now } from '../lib/clock.ts';
import { createDevice, type Subscription } from '../lib/device.ts';
import { createFollower, type Dialect, type Follower } from '../lib/follower.ts';
import { type Calls, serveLoad } from '../lib/load.ts';
import { eachOf } from '../lib/pace.ts';

/** Clients that all lose their sockets at once and all come back. */
export interface ReturnersLoad extends Calls {
  /** Resolves when all are live. */
  connect(argument: {
    readonly url: string;
    readonly dialect: Extract<Dialect, 'edagent' | 'bare'>;
    readonly clients: readonly ReturningClient[];
  }): Promise<void>;
  /** Without a word. */
  cut(): Promise<void>;
  /** So many dial at a time. */
  comeBack(argument: { readonly atOnce: number }): Promise<Comeback>;
  /** Waits until every client has had this event and all before it, at most so long. */
  awaitAll(argument: { readonly number: number; readonly timeoutMs: number }): Promise<Received>;
}

export interface ReturningClient {
  readonly token: string;
  readonly topics: readonly string[];
}

export interface Comeback {
  /** From the first dialing until all are live. */
  readonly allMs: number;
  /** Of each client, from its dialing. */
  readonly eachMs: readonly number[];
}

export interface Received {
  /** Events that clients have not got, which were sent since each was first live. */
  readonly missing: number;
  readonly repeated: number;
}

interface Client extends Follower {
  readonly numbers: Set<number>;
}

const connectAtOnce = 20;
const subscription: Subscription = {
  query: `subscription { messageReceived { __typename ... on BroadcastAdded { text } } }`,
};

let clients: Client[] = [];
let repeated = 0;

const take = (numbers: Set<number>, text: string): void => {
  const number = Number(text.split(' ')[0]);
  if (numbers.has(number)) repeated++;
  numbers.add(number);
};

/** Its device must read every frame: it keeps the cursors. */
const createResuming = (url: string, { token }: ReturningClient): Client => {
  const numbers = new Set<number>();
  const device = createDevice({
    url,
    token,
    subscriptions: [subscription],
    onNext: ({ payload }) => {
      const event = payload.data?.messageReceived;
      if (event?.__typename === 'BroadcastAdded') take(numbers, event.text);
    },
  });
  return {
    numbers,
    async connect() {
      await device.connect();
    },
    cut: () => device.cut(),
  };
};

const createBare = (url: string, { token, topics }: ReturningClient): Client => {
  const numbers = new Set<number>();
  const follower = createFollower({
    dialect: 'bare',
    url,
    token,
    topics,
    subscriptions: [],
    onData: (data) => take(numbers, JSON.parse(String(data)).payload.data.messageReceived.text),
    onLost() {},
  });
  return { numbers, connect: () => follower.connect(), cut: () => follower.cut() };
};

serveLoad<ReturnersLoad>({
  async connect({ url, dialect, clients: wanted }) {
    const create = dialect === 'edagent' ? createResuming : createBare;
    clients = wanted.map((client) => create(url, client));
    await eachOf(clients, connectAtOnce, (client) => client.connect());
  },
  async cut() {
    for (const client of clients) client.cut();
  },
  async comeBack({ atOnce }) {
    const begin = now();
    const eachMs: number[] = [];
    await eachOf(clients, atOnce, async (client) => {
      const dialedAt = now();
      await client.connect();
      eachMs.push(Math.round((now() - dialedAt) * 100) / 100);
    });
    return { allMs: now() - begin, eachMs };
  },
  async awaitAll({ number, timeoutMs }) {
    const missing = () => clients.reduce((sum, { numbers }) => sum + number - numbers.size, 0);
    // What is missing then is told.
    await eventually(() => missing() === 0, { timeoutMs, intervalMs: 50 }).catch(() => {});
    return { missing: missing(), repeated };
  },
});
