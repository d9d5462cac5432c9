import { get, type IncomingMessage, request } from 'node:http';
import { eventually } from '../../test/support/eventually.ts';
import { now } from '../lib/clock.ts';
import { createDevice } from '../lib/device.ts';
import { type Calls, serveLoad } from '../lib/load.ts';
import { eachOf } from '../lib/pace.ts';
import type { Window } from './model.ts';

/** Those who see the tokens of the model of `loads/model.ts`: how old is each when it gets here? */
export interface TokenReadersLoad extends Calls {
  /** Sockets that follow a conversation of EdAgent each. */
  follow(argument: { readonly url: string; readonly learners: readonly Follower[] }): Promise<void>;
  begin(): Promise<void>;
  /** Reads a stream to its end; by POST it is asked of the model itself. */
  read(argument: { readonly url: string; readonly method: 'GET' | 'POST' }): Promise<void>;
  /** Ages of the tokens that were sent in that time. */
  tally(argument: Window): Promise<readonly number[]>;
  /** Resolves when so many have ended since `begin`. */
  awaitEnds(argument: { readonly count: number; readonly timeoutMs: number }): Promise<void>;
}

interface Follower {
  readonly token: string;
  readonly conversationId: string;
}

interface Age {
  readonly sentAt: number;
  readonly ms: number;
}

const connectAtOnce = 20;
const followAnswers = `subscription Follow($id: ID!) {
  messageReceived(conversationId: $id) {
    __typename
    ... on AnswerDelta { messageId attempt offset text }
    ... on AnswerFinished { messageId }
    ... on AnswerFailed { messageId failure { message } }
  }
}`;

let ages: Age[] = [];
let ends = 0;
const devices: ReturnType<typeof createDevice>[] = [];

const take = (texts: Iterable<string>, receivedAt: number): void => {
  for (const text of texts) {
    const sentAt = Number(text);
    ages.push({ sentAt, ms: receivedAt - sentAt });
  }
};

/** Of one conversation; what is sent again (from offset 0, after a gap) does not count again. */
const createReader = () => {
  let messageId = '';
  let counted = 0;
  return (data: Buffer): void => {
    const receivedAt = now();
    const event = JSON.parse(String(data)).payload?.data?.messageReceived;
    if (event?.__typename === 'AnswerDelta') {
      if (event.messageId !== messageId) [messageId, counted] = [event.messageId, 0];
      const end = event.offset + event.text.length;
      const fresh: string = event.text.slice(Math.max(0, counted - event.offset));
      counted = Math.max(counted, end);
      take(fresh.split(' ').filter(Boolean), receivedAt);
    } else if (event?.__typename === 'AnswerFinished' || event?.__typename === 'AnswerFailed') {
      ends++;
    }
  };
};

const openStream = (url: string, method: 'GET' | 'POST'): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void => {
      if (response.statusCode === 200) resolve(response);
      else reject(new Error(`${url}: ${response.statusCode}`));
    };
    const opened =
      method === 'GET' ? get(url, { agent: false }, take) : request(url, { method, agent: false }, take);
    opened.once('error', reject);
    opened.end();
  });

/** What is behind the last blank line waits for its other half. */
const readEvents = (response: IncomingMessage): void => {
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const receivedAt = now();
    const text = rest + chunk;
    const end = text.lastIndexOf('\n\n') + 1;
    rest = text.slice(end);
    const tokens = text.slice(0, end).matchAll(/"content":"([\d.]+) "/g);
    take(
      [...tokens].map(([, token]) => token ?? ''),
      receivedAt,
    );
  });
  response.once('close', () => {
    ends++;
  });
};

serveLoad<TokenReadersLoad>({
  async follow({ url, learners }) {
    const further = learners.map(({ token, conversationId }) =>
      createDevice({
        url,
        token,
        subscriptions: [{ query: followAnswers, variables: { id: conversationId } }],
        onRaw: createReader(),
      }),
    );
    devices.push(...further);
    await eachOf(further, connectAtOnce, async (device) => {
      await device.connect();
    });
  },
  async begin() {
    ages = [];
    ends = 0;
  },
  async read({ url, method }) {
    readEvents(await openStream(url, method));
  },
  tally: async ({ from, to }) =>
    ages.filter(({ sentAt }) => sentAt >= from && sentAt < to).map(({ ms }) => Math.round(ms * 100) / 100),
  async awaitEnds({ count, timeoutMs }) {
    await eventually(() => ends >= count, { timeoutMs, intervalMs: 50 });
  },
});
