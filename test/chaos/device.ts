import { sleep } from '../../src/util/sleep.ts';
import type { Random } from '../support/random.ts';
import { ApiError, type Data, documents, postOperation, toApiError } from './api.ts';
import { createDeviceClient } from './device-client.ts';
import { type DeviceKind, isCursorUnaware } from './device-kind.ts';
import { createDeviceLibrary } from './device-library.ts';
import { createDeviceSubscriptions } from './device-subscriptions.ts';
import { type PageMessage, pageLength, type Recorder } from './history.ts';
import type { Network } from './network.ts';
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

/** What a device has to know of the world. */
export interface DeviceWorld extends Pick<World, 'route' | 'token'> {
  readonly networks: readonly Pick<Network, 'host'>[];
}

export interface DeviceOptions {
  readonly name: string;
  readonly userId: string;
  readonly kind: DeviceKind;
  readonly tokenTtlMs: number;
  /** Once it is aborted tokens last: with many devices one of them would always be away, and the run never settle. */
  readonly signal?: AbortSignal;
  readonly world: DeviceWorld;
  readonly recorder: Recorder;
  readonly random: Random;
}

const retryEveryMs = 1_000;
/** Longer than any outage of the plan. */
const retryAttempts = 60;
const lastingTtlMs = 3_600_000;
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
  const { name, userId, kind, tokenTtlMs, signal, world, recorder, random } = options;
  const { resumption } = kind;
  const screen = createScreen();
  const expiry = createExpiry(() => recorder.add({ kind: 'token-expired', client: name }));
  let isRetired = false;
  let node: number | null = null;
  let requestToken: Promise<string> | undefined;

  const hostOf = (index: number): string => world.networks[index]?.host ?? '';
  /** Until it succeeds, is refused for good, or the device is gone. */
  const persist = async (attempt: () => Promise<unknown>): Promise<void> => {
    for (let left = retryAttempts; left > 0 && !isRetired; left--) {
      try {
        await attempt();
        return;
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isTemporary) return;
      }
      await sleep(retryEveryMs);
    }
  };
  /** What an app does that is told to: reads again what it shows. */
  const refetch = (conversationId: string | null): void => {
    if (conversationId !== null) void persist(() => readPage(conversationId));
  };
  /** What an app has to do whose subscription was refused for now; edagent-client does so by itself. */
  const reopen = (conversationId: string | null): void => {
    if (resumption === 'helper') return;
    void sleep(retryEveryMs).then(() =>
      persist(async () => (conversationId === null ? followUser() : openConversation(conversationId))),
    );
  };

  recorder.add({ kind: 'client-made', client: name, userId, ...kind });
  const client = createDeviceClient({
    resumption,
    random,
    onResync: refetch,
    url() {
      node = world.route(random, node);
      recorder.add({ kind: 'connecting', client: name, node });
      return `ws://${hostOf(node)}/graphql`;
    },
    async authorization() {
      const ttlMs = signal?.aborted ? lastingTtlMs : tokenTtlMs;
      expiry.expect(Date.now() + ttlMs);
      return `Bearer ${await world.token(userId, { ttlMs })}`;
    },
  });
  const library = createDeviceLibrary(kind.library, client);
  const subscriptions = createDeviceSubscriptions({
    library,
    name,
    resumption,
    recorder,
    onAnew: refetch,
    onRefused: reopen,
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

  const request: Device['request'] = async (query, variables, way = 'http') => {
    if (way === 'socket') return requestOnSocket(query, variables);
    // One for all: to sign is dear to the run, and the end of tokens is for the sockets to show.
    requestToken ??= world.token(userId, { ttlMs: lastingTtlMs });
    return postOperation(hostOf(world.route(random, node)), await requestToken, query, variables);
  };

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
    if (isRetired || subscriptions.has(conversationId)) return;
    subscriptions.follow(conversationId, isCursorUnaware(kind) ? [] : [cursor]);
  };
  const followUser = (): void => {
    // Whoever shares a conversation opens it on all devices, one that is just being reloaded too.
    if (!isRetired && !subscriptions.has(null)) subscriptions.follow(null, []);
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
    followTyping(conversationId) {
      if (!isRetired) subscriptions.followTyping(conversationId);
    },
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
      library.dispose();
      recorder.add({ kind: 'client-retired', client: name });
      // A stock client waits for the connection being made, and rejects when that fails.
      await Promise.resolve(client.dispose()).catch(() => {});
    },
  };
};
