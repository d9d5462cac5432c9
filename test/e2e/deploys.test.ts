import { randomUUID } from 'node:crypto';
import { setInterval } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createAnswerTexts } from 'edagent-client';
import { type Balancer, startBalancer } from '../support/balancer.ts';
import {
  type Loss,
  type Receiver,
  type ReceiverOptions,
  receive,
  receiveByStock,
  request,
  testServerEnv,
} from '../support/clients.ts';
import { historyDocument, sendDocument } from '../support/documents.ts';
import { eventually } from '../support/eventually.ts';
import { startOpenAiServer } from '../support/openai-server.ts';
import { type ServerProcess, startServerProcess } from '../support/processes.ts';
import { dropKeys } from '../support/redis-servers.ts';
import { testDatabaseUrl, testRedisUrl } from '../support/services.ts';
import { createEmptyPostgres, createTempFolder } from '../support/stores.ts';
import { newUserId, testToken } from '../support/test-app.ts';

// Four starts of a process, each slow on a busy machine.
jest.setTimeout(150_000);

const databaseUrl = testDatabaseUrl();
const redisUrl = testRedisUrl();
const describeCluster = databaseUrl === null || redisUrl === null ? describe.skip : describe;

/** The default of EDAGENT_SHUTDOWN_GRACE. */
const graceMs = 10_000;
/** Between words of an answer, and between messages: what is measured is the return, not how much two nodes can carry. */
const pauseMs = 150;

interface Room {
  readonly user: string;
  readonly conversationId: string;
  readonly cursor: string;
  readonly answerId: string;
  readonly helpers: readonly Receiver[];
  readonly stocks: readonly Receiver[];
}

interface StoredMessage {
  readonly id: string;
  readonly text: string;
  readonly author: { readonly kind: string };
}

const receiversOf = ({ helpers, stocks }: Room) => [...helpers, ...stocks];

const attemptOf = (receiver: Receiver) => Number(receiver.ofType('AnswerDelta').at(-1)?.attempt ?? 0);

/** Without the wait that its client has before it tries at all. */
const returnMsOf = ({ triesAtMs: [firstTryAtMs], readyAtMs }: Loss) =>
  readyAtMs === null || firstTryAtMs === undefined ? Number.POSITIVE_INFINITY : readyAtMs - firstTryAtMs;

/** What people wrote, as a receiver got it. */
const textsOf = (receiver: Receiver) =>
  receiver
    .ofType('MessageAdded')
    .map(({ message }) => message as { text: string; author: { kind: string } })
    .filter(({ author }) => author.kind === 'LEARNER')
    .map(({ text }) => text);

describeCluster('a rolling restart of two nodes', () => {
  const prefix = `edagent-e2e-${randomUUID()}:`;
  const toDispose: { dispose(): Promise<unknown> }[] = [];
  let database: Awaited<ReturnType<typeof createEmptyPostgres>>;
  let folder: Awaited<ReturnType<typeof createTempFolder>>;
  let balancer: Balancer;
  let mayFinish = false;

  const keep = <T extends { dispose(): Promise<unknown> }>(thing: T): T => {
    toDispose.push(thing);
    return thing;
  };

  beforeAll(async () => {
    database = await createEmptyPostgres();
    folder = await createTempFolder();
  }, 120_000);

  afterEach(async () => {
    mayFinish = true;
    const ends = await Promise.allSettled(toDispose.splice(0).map((thing) => thing.dispose()));
    expect(ends.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  afterAll(async () => {
    await dropKeys(redisUrl ?? '', prefix);
    await folder.dispose();
    await database?.dispose();
  });

  /** Writes until the test lets it end. */
  const startModel = async () => {
    async function* write() {
      let word = 0;
      for await (const _ of setInterval(pauseMs)) {
        if (mayFinish) break;
        yield `word ${word++} `;
      }
      yield 'the end';
    }
    return keep(await startOpenAiServer({ script: () => ({ tokens: write() }) }));
  };

  const startNode = async (modelUrl: string): Promise<ServerProcess> =>
    keep(
      await startServerProcess({
        env: {
          ...testServerEnv,
          DATABASE_URL: database?.url ?? '',
          REDIS_URL: redisUrl ?? '',
          EDAGENT_REDIS_PREFIX: prefix,
          EDAGENT_DATA_DIR: folder.path,
          OPENAI_BASE_URL: modelUrl,
          // What a node that stops hands over is made elsewhere at once, not when a lease ends.
          EDAGENT_LEASE: '30s',
        },
      }),
    );

  const send = async (base: string, user: string, input: Record<string, unknown>) => {
    const { sendMessage } = await request(base, await testToken(user), sendDocument, { input });
    return sendMessage;
  };

  /** A conversation whose answer is being made by this node, and those who watch it, on both nodes. */
  const openRoom = async (node: ServerProcess): Promise<Room> => {
    const user = newUserId();
    const input = { clientMessageId: randomUUID(), text: 'message 0' };
    const { conversation, cursor, answer } = await send(node.url, user, input);
    const options: ReceiverOptions = {
      url: balancer.wsUrl,
      user,
      conversationId: conversation.id,
      cursor,
    };
    const open = (count: number, make: typeof receive) =>
      Promise.all(Array.from({ length: count }, async () => keep(await make(options))));
    const helpers = await open(8, receive);
    // With the retries that it comes with.
    const stocks = await open(3, (stock) => receiveByStock(stock, {}));
    return { user, conversationId: conversation.id, cursor, answerId: answer.id, helpers, stocks };
  };

  /** Says something in every room again and again, as an app does: what fails is sent once more with the same id. */
  const talkIn = (rooms: readonly Room[]) => {
    const talking = new AbortController();
    const sayUntilSent = async ({ user, conversationId }: Room, text: string) => {
      const input = { clientMessageId: randomUUID(), conversationId, text, answer: false };
      await eventually(
        () => talking.signal.aborted || send(balancer.url.replace('/graphql', ''), user, input),
      );
    };
    const talk = async () => {
      let count = 0;
      for await (const _ of setInterval(pauseMs)) {
        if (talking.signal.aborted) break;
        count += 1;
        await Promise.all(rooms.map((room) => sayUntilSent(room, `message ${count}`)));
      }
      return count;
    };
    const counted = talk();
    const stopTalking = () => {
      talking.abort();
      return counted;
    };
    return keep({ stop: stopTalking, dispose: stopTalking });
  };

  /** Stops a node as a deploy does; resolves when everybody is back. */
  const stop = async (node: ServerProcess, rooms: readonly Room[]) => {
    const receivers = rooms.flatMap(receiversOf);
    const before = new Map(receivers.map((receiver) => [receiver, receiver.losses.length]));
    const begin = performance.now();
    node.kill('SIGTERM');
    expect(await node.waitForExit()).toEqual({ code: 0, signal: null });
    expect(performance.now() - begin).toBeLessThan(graceMs);
    await eventually(() => receivers.every(({ losses }) => losses.every(({ readyAtMs }) => readyAtMs)));
    const lossesOf = (chosen: readonly Receiver[]) =>
      chosen.flatMap((receiver) => receiver.losses.slice(before.get(receiver)));
    return {
      helpers: lossesOf(rooms.flatMap(({ helpers }) => helpers)),
      stocks: lossesOf(rooms.flatMap(({ stocks }) => stocks)),
    };
  };

  const expectQuickReturn = ({ helpers, stocks }: Awaited<ReturnType<typeof stop>>) => {
    // At the first try: before a second one a stock client waits for longer than that.
    expect(Math.max(...[...helpers, ...stocks].map(returnMsOf))).toBeLessThan(2_000);
    const closedAt = [...helpers, ...stocks].map(({ closedAtMs }) => closedAtMs);
    expect(Math.max(...closedAt) - Math.min(...closedAt)).toBeGreaterThan(100);
  };

  const isAnsweredAgain = (room: Room, attempt: number) =>
    eventually(() => receiversOf(room).every((receiver) => attemptOf(receiver) === attempt));

  /** All that the store holds of a conversation. */
  const readHistory = async (base: string, { user, conversationId }: Room): Promise<StoredMessage[]> => {
    const token = await testToken(user);
    const messages: StoredMessage[] = [];
    for (let after: string | null = null; ; ) {
      const variables = { id: conversationId, first: 100, after };
      const { conversation } = await request(base, token, historyDocument, variables);
      const { edges, pageInfo } = conversation.messages;
      messages.push(...edges.map(({ node }: { node: StoredMessage }) => node));
      if (!pageInfo.hasNextPage) return messages;
      after = pageInfo.endCursor;
    }
  };

  const expectWhole = async (room: Room, base: string, count: number) => {
    const messages = await readHistory(base, room);
    const texts = messages.filter(({ author }) => author.kind === 'LEARNER').map(({ text }) => text);
    expect(texts).toEqual(Array.from({ length: count + 1 }, (_, index) => `message ${index}`));
    const answer = messages.find(({ id }) => id === room.answerId);
    for (const receiver of receiversOf(room)) {
      expect(textsOf(receiver)).toEqual(texts);
      const ids = receiver.events.flatMap(({ id }) => id ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      const shown = createAnswerTexts();
      for (const event of receiver.events) shown.apply(event);
      expect(shown.get(room.answerId)).toMatchObject({ state: 'FINISHED', text: answer?.text });
      expect(receiver.ofType('AnswerFinished')).toHaveLength(1);
      expect(receiver.ofType('Resync')).toEqual([]);
      expect(receiver.closes.every((code) => code === 1001)).toBe(true);
    }
  };

  test('[C10] [L4] [N11] closes are spread, everybody is back in time, answers go on, and nothing is lost or doubled', async () => {
    const model = await startModel();
    const [one, other] = await Promise.all([startNode(model.url), startNode(model.url)]);
    balancer = keep(await startBalancer([one.url, other.url]));
    const rooms = await Promise.all([one, other, one, other].map(openRoom));
    const [ofOne, ofOther] = rooms as [Room, Room, ...Room[]];
    await Promise.all(rooms.map((room) => isAnsweredAgain(room, 1)));
    const talk = talkIn(rooms);

    expectQuickReturn(await stop(one, rooms));
    await isAnsweredAgain(ofOne, 2);
    await isAnsweredAgain(ofOther, 1);
    const next = await startNode(model.url);
    balancer.setTargets([next.url, other.url]);
    expectQuickReturn(await stop(other, rooms));
    await isAnsweredAgain(ofOne, 3);
    await isAnsweredAgain(ofOther, 2);

    const count = await talk.stop();
    mayFinish = true;
    const isWhole = (receiver: Receiver) =>
      receiver.ofType('AnswerFinished').length > 0 && textsOf(receiver).length > count;
    await eventually(() => rooms.flatMap(receiversOf).every(isWhole));
    for (const room of rooms) await expectWhole(room, next.url, count);
  });
});
