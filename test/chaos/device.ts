import { sleep } from '../../src/util/sleep.ts';
import type { Random } from '../support/random.ts';
import { ApiError, type Data, documents, postOperation, toApiError } from './api.ts';
import { createDeviceClient } from './device-client.ts';
import { createDeviceSubscriptions } from './device-subscriptions.ts';
import type { PageMessage, Recorder, Resumption } from './history.ts';
import { createScreen } from './screen.ts';
import type { World } from './world.ts';

/** One device of a learner: one client, its subscriptions, and what it shows. A reload makes another one. */
export interface Device {
  readonly name: string;
  /** Every subscription has had `Ready` since its socket came up. */
  readonly isReady: boolean;
  /** What it shows and is not yet closed. */
  readonly openAnswers: readonly string[];
  /** Reads a page and subscribes after it, unless it is open already. Throws ApiError. */
  openConversation(conversationId: string): Promise<void>;
  /** All of the viewer's, without deltas. */
  followUser(): void;
  followTyping(conversationId: string): void;
  /** Over HTTP, or on the socket. Throws ApiError. */
  request(query: string, variables: Record<string, unknown>, way?: 'http' | 'socket'): Promise<Data>;
  /** Puts a token in place that ends soon. */
  shortenToken(ttlMs: number): Promise<void>;
  /** Records what it shows. */
  recordShown(): void;
  retire(): Promise<void>;
}

export interface DeviceOptions {
  readonly name: string;
  readonly userId: string;
  readonly resumption: Resumption;
  readonly tokenTtlMs: number;
  readonly world: World;
  readonly recorder: Recorder;
  readonly random: Random;
}

const pageLength = 100;
const reopenEveryMs = 1_000;
/** Longer than any outage of the plan. */
const reopenAttempts = 60;
/** The end of a token that outlives the run is nothing to wait for. */
const longestExpiryMs = 1_800_000;

/** Records the end of the token that is in use. */
const createExpiry = (onEnd: () => void) => {
  let timer: NodeJS.Timeout | undefined;
  const clear = () => clearTimeout(timer);
  return {
    clear,
    expect(at: number) {
      clear();
      const leftMs = at - Date.now();
      if (leftMs < longestExpiryMs) timer = setTimeout(onEnd, leftMs);
    },
  };
};

export const createDevice = (options: DeviceOptions): Device => {
  const { name, userId, resumption, tokenTtlMs, world, recorder, random } = options;
  const screen = createScreen();
  const expiry = createExpiry(() => recorder.add({ kind: 'token-expired', client: name }));
  let isRetired = false;
  let node: number | null = null;

  const hostOf = (index: number): string => world.networks[index]?.host ?? '';
  /** What an app does that is told to: reads again what it shows. */
  const refetch = (conversationId: string | null): void => {
    if (conversationId !== null && !isRetired) readPage(conversationId).catch(() => {});
  };

  recorder.add({ kind: 'client-made', client: name, userId });
  const client = createDeviceClient({
    resumption,
    random,
    onResync: refetch,
    url() {
      node = world.route(random, node);
      return `ws://${hostOf(node)}/graphql`;
    },
    async authorization() {
      expiry.expect(Date.now() + tokenTtlMs);
      return `Bearer ${await world.token(userId, { ttlMs: tokenTtlMs })}`;
    },
  });
  const subscriptions = createDeviceSubscriptions({
    client,
    name,
    resumption,
    recorder,
    onAnew: refetch,
    onError: (conversationId, code) => {
      if (code === 'UNAVAILABLE') void reopen(conversationId);
    },
    onFrame: (frame, conversationId) => {
      if (conversationId !== null) screen.takeFrame(frame);
    },
  });
  client.on('connected', () => recorder.add({ kind: 'connected', client: name, node: node ?? 0 }));
  client.on('closed', (event) => {
    const { code = 0, reason = '' } = (event ?? {}) as { code?: number; reason?: string };
    subscriptions.unready();
    expiry.clear();
    recorder.add({ kind: 'closed', client: name, code, reason: String(reason) });
  });

  const requestOnSocket = (query: string, variables: Record<string, unknown>): Promise<Data> =>
    new Promise((resolve, reject) => {
      client.subscribe<Data>(
        { query, variables },
        {
          next: ({ data, errors }) => (errors ? reject(toApiError(errors)) : resolve(data)),
          error: (error) => reject(toApiError(error)),
          complete: () => reject(toApiError('completed without a result')),
        },
      );
    });

  const request: Device['request'] = async (query, variables, way = 'http') =>
    way === 'socket'
      ? requestOnSocket(query, variables)
      : postOperation(hostOf(world.route(random, node)), await world.token(userId), query, variables);

  const readPage = async (conversationId: string): Promise<string> => {
    const { conversation } = await request(documents.page, { id: conversationId, last: pageLength });
    if (conversation === null) throw toApiError([{ message: 'gone', extensions: { code: 'NOT_FOUND' } }]);
    const { cursor, edges } = conversation.messages;
    const messages: PageMessage[] = edges.map(({ node: { id, text, answer } }: { node: PageMessage }) => ({
      id,
      text,
      answer,
    }));
    screen.takePage(messages);
    recorder.add({ kind: 'page-read', client: name, conversationId, cursor, messages });
    return cursor;
  };

  const openConversation = async (conversationId: string): Promise<void> => {
    if (subscriptions.has(conversationId)) return;
    const cursor = await readPage(conversationId);
    if (!isRetired && !subscriptions.has(conversationId)) subscriptions.follow(conversationId, [cursor]);
  };
  const followUser = (): void => {
    if (!subscriptions.has(null)) subscriptions.follow(null, []);
  };

  /** What an app has to do whose subscription was refused for now. */
  const reopen = async (conversationId: string | null): Promise<void> => {
    for (let attempt = 0; attempt < reopenAttempts; attempt++) {
      await sleep(reopenEveryMs);
      if (isRetired) return;
      try {
        if (conversationId === null) followUser();
        else await openConversation(conversationId);
        return;
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isTemporary) return;
      }
    }
  };

  return {
    name,
    get isReady() {
      return subscriptions.areReady;
    },
    get openAnswers() {
      return screen.openAnswers;
    },
    openConversation,
    followUser,
    followTyping: subscriptions.followTyping,
    request,
    async shortenToken(ttlMs) {
      const { renewAuth } = await requestOnSocket(documents.renew, {
        token: await world.token(userId, { ttlMs }),
      });
      expiry.expect(Date.parse(renewAuth.expiresAt));
    },
    recordShown() {
      for (const shown of screen.list()) recorder.add({ kind: 'shown', client: name, ...shown });
    },
    async retire() {
      if (isRetired) return;
      isRetired = true;
      expiry.clear();
      subscriptions.stop();
      recorder.add({ kind: 'client-retired', client: name });
      // A stock client waits for the connection being made, and rejects when that fails.
      await Promise.resolve(client.dispose()).catch(() => {});
    },
  };
};
