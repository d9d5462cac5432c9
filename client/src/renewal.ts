import type { Client } from 'graphql-ws/client';
import { retryDelayMs } from './retry.ts';

/** What `connection_ack` says of the token. Other servers say nothing. */
interface Acknowledged {
  readonly serverTime: string;
  readonly tokenExpiresAt: string;
}

interface Answer {
  readonly id?: string;
  readonly payload?: { readonly data?: { readonly renewAuth?: { readonly expiresAt: string } } };
}

const query = 'mutation($token:String!){renewAuth(token:$token){expiresAt}}';

/** About the longest time that setTimeout takes: 23 days. */
const longestMs = 2e9;

/**
 * Renews the token of each connection for as long as it lives:
 *
 *     waiting ──(75 to 80 % of what is left)──▶ renewing ──(it ends later)──▶ waiting
 *                                               ▲      └──(it does not)──┐
 *                                               └──(10 % of what is left)┘
 *
 * Past the end the server closes the socket with 4403, and the next connection begins with a token of its own. Times are
 * the server's: its clock at the acknowledgement, and what has passed here since. The returned function ends all of it.
 */
export const renewTokens = (client: Client, nextToken: () => unknown): (() => void) => {
  let socket: { send(data: string): void } | undefined;
  /** The server's clock when this side's stood at 0. */
  let origin = 0;
  /** NaN: there is nothing to renew. */
  let expiresAt = NaN;
  /** Of the mutation that counts; another one may still be under way. */
  let id: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const leftMs = (): number => expiresAt - origin - performance.now();

  const renewIn = (ms: number): void => {
    clearTimeout(timer);
    if (leftMs() > 0) timer = setTimeout(renew, Math.min(ms, longestMs));
  };

  const renew = async (): Promise<void> => {
    const asked = socket;
    const token = await Promise.resolve()
      .then(nextToken)
      .catch(() => {});
    if (asked !== socket) return;
    id = `renewAuth-${performance.now()}`;
    const payload = { query, variables: { token } };
    // Not by `client.subscribe`, which would hold the socket open, and repeat the mutation on the next one.
    if (token) socket?.send(JSON.stringify({ id, type: 'subscribe', payload }));
    // Until the answer says otherwise it has failed.
    renewIn(Math.max(retryDelayMs(1), leftMs() / 10));
  };

  const holdUntil = (time: string | undefined): void => {
    const end = Date.parse(time as string);
    if (!(end > expiresAt)) return;
    expiresAt = end;
    // Not all at once where many were connected at once.
    renewIn(leftMs() * (0.8 - Math.random() / 20));
  };

  const stop = (): void => {
    socket = undefined;
    expiresAt = NaN;
    clearTimeout(timer);
  };

  client.on('connected', (opened, payload) => {
    const { serverTime, tokenExpiresAt } = (payload ?? {}) as Partial<Acknowledged>;
    socket = opened as typeof socket;
    origin = Date.parse(serverTime as string) - performance.now();
    expiresAt = 0;
    id = undefined;
    holdUntil(tokenExpiresAt);
  });
  client.on('message', (message) => {
    const answer = message as Answer;
    if (answer.id === id) holdUntil(answer.payload?.data?.renewAuth?.expiresAt);
  });
  client.on('closed', stop);
  return stop;
};

/** The `authorization` of connectionParams; the key in any case. */
export const authorizationOf = (params: unknown): unknown =>
  Object.entries(params ?? {}).find(([key]) => /^authorization$/i.test(key))?.[1];
