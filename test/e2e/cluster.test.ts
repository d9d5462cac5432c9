import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createAnswerTexts } from 'edagent-client';
import { type Balancer, startBalancer } from '../support/balancer.ts';
import { type Receiver, receive, receiveByStock, request, testServerEnv } from '../support/clients.ts';
import { historyDocument, sendDocument } from '../support/documents.ts';
import { eventually } from '../support/eventually.ts';
import { runCommand, type ServerProcess, startServerProcess } from '../support/processes.ts';
import { dropKeys } from '../support/redis-servers.ts';
import { testDatabaseUrl, testRedisUrl } from '../support/services.ts';
import { startSpokenModel } from '../support/spoken-model.ts';
import { createEmptyPostgres, createTempFolder } from '../support/stores.ts';
import { newUserId, testToken } from '../support/test-app.ts';

// Processes start slowly on a busy machine.
jest.setTimeout(60_000);

const databaseUrl = testDatabaseUrl();
const redisUrl = testRedisUrl();
const describeCluster = databaseUrl === null || redisUrl === null ? describe.skip : describe;

const statusDocument = '{ connectionStatus { connectionCount nodes { id connectionCount } } }';

describeCluster('two processes on one PostgreSQL and one Redis', () => {
  const prefix = `edagent-e2e-${randomUUID()}:`;
  const toDispose: { dispose(): Promise<unknown> }[] = [];
  let database: Awaited<ReturnType<typeof createEmptyPostgres>>;
  let folder: Awaited<ReturnType<typeof createTempFolder>>;

  const keep = <T extends { dispose(): Promise<unknown> }>(thing: T): T => {
    toDispose.push(thing);
    return thing;
  };

  beforeAll(async () => {
    database = await createEmptyPostgres();
    folder = await createTempFolder();
  }, 120_000);

  afterEach(async () => {
    for (const thing of toDispose.splice(0).reverse()) await thing.dispose();
  });

  afterAll(async () => {
    await dropKeys(redisUrl ?? '', prefix);
    await folder.dispose();
    await database?.dispose();
  });

  const startNode = async (env: Record<string, string> = {}): Promise<ServerProcess> =>
    keep(
      await startServerProcess({
        env: {
          ...testServerEnv,
          DATABASE_URL: database?.url ?? '',
          REDIS_URL: redisUrl ?? '',
          EDAGENT_REDIS_PREFIX: prefix,
          EDAGENT_DATA_DIR: folder.path,
          ...env,
        },
      }),
    );

  const startNodes = (env?: Record<string, string>) => Promise.all([startNode(env), startNode(env)]);

  /** A node with a model of its own that waits for the test: its answers are in progress until they are ended here. */
  const startSpokenNode = async () => {
    const model = keep(await startSpokenModel());
    const node = await startNode({ OPENAI_BASE_URL: model.url, EDAGENT_TOKEN_TIMEOUT: '60s' });
    return { model, node };
  };

  const question = 'Make a study plan for light';
  const pieces = ['Day 1: look ', 'through ', 'a prism. '];

  /** Asks one of the nodes; whichever makes the answer, all that it says is said here. */
  const askSpoken = async (
    nodes: readonly Awaited<ReturnType<typeof startSpokenNode>>[],
    ask: (text: string) => Promise<{ answer: { id: string } }>,
  ) => {
    const speeches = nodes.map(({ model }) => model.answerTo(question));
    const { answer } = await ask(question);
    const maker = await eventually(() => nodes.find((_, index) => speeches[index]?.callCount));
    return {
      answerId: answer.id,
      maker: maker.node,
      say: (...more: string[]) => {
        for (const speech of speeches) speech.say(...more);
      },
      finish: () => {
        for (const speech of speeches) speech.finish();
      },
    };
  };

  const send = async (node: ServerProcess, user: string, input: Record<string, unknown>) => {
    const variables = { input: { clientMessageId: randomUUID(), ...input } };
    const { sendMessage } = await request(node.url, await testToken(user), sendDocument, variables);
    return sendMessage;
  };

  const startConversation = async (node: ServerProcess) => {
    const user = newUserId();
    const { conversation, cursor } = await send(node, user, { text: 'message 0', answer: false });
    return { user, conversationId: conversation.id as string, cursor: cursor as string };
  };

  const textsOf = (receiver: Receiver) =>
    receiver
      .ofType('MessageAdded')
      .map(({ message }) => message as { text: string; author: { kind: string } })
      .filter(({ author }) => author.kind === 'LEARNER')
      .map(({ text }) => text);

  const answerOf = (receiver: Receiver) => {
    const texts = createAnswerTexts();
    const seen = receiver.events.flatMap((event) => texts.apply(event) ?? []);
    return seen.at(-1);
  };

  const cutInTheMiddle = async (
    open: typeof receive,
    [one, other]: readonly [ServerProcess, ServerProcess],
    waitForCut: (balancer: Balancer, receiver: Receiver) => Promise<void>,
  ) => {
    const { user, conversationId, cursor } = await startConversation(one);
    const balancer = keep(await startBalancer([other.url]));
    const receiver = keep(await open({ url: balancer.wsUrl, user, conversationId, cursor }));
    await eventually(() => receiver.ofType('Ready').length === 1);
    for (let n = 1; n <= 20; n++) {
      if (n === 10) await waitForCut(balancer, receiver);
      await send(one, user, { conversationId, text: `message ${n}`, answer: n === 20 });
    }
    // Who comes back after the answer has ended gets its end before Ready.
    await eventually(
      () => receiver.ofType('AnswerFinished').length > 0 && receiver.ofType('Ready').length > 1,
    );
    return receiver;
  };

  const expected = Array.from({ length: 21 }, (_, n) => `message ${n}`);
  const cutNow = async (balancer: Balancer) => balancer.cut();

  test('[L4] [L6] what is sent on one node reaches an edagent-client on the other once and in order, over a cut', async () => {
    const receiver = await cutInTheMiddle(receive, await startNodes(), cutNow);
    expect(textsOf(receiver)).toEqual(expected);
    expect(receiver.ofType('Ready').map(({ resumed }) => resumed)).toEqual([false, true]);
    const ids = receiver.events.flatMap(({ id }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const [finished] = receiver.ofType('AnswerFinished');
    expect(answerOf(receiver)).toMatchObject({ state: 'FINISHED', text: finished?.text });
  });

  test('[L3] [L4] a stock client whose app keeps the cursors gets everything once and in order, over a cut', async () => {
    const receiver = await cutInTheMiddle(receiveByStock, await startNodes(), cutNow);
    expect(textsOf(receiver)).toEqual(expected);
    const ids = receiver.events.flatMap(({ id }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect(receiver.ofType('Ready').at(-1)).toMatchObject({ resumed: true });
  });

  test('[N11] [S3] a node that is killed loses its answers to the other and leaves the statistics within 15 s', async () => {
    const nodes = await Promise.all([startSpokenNode(), startSpokenNode()]);
    const urls = nodes.map(({ node }) => node.url);
    const [one] = nodes;
    const { user, conversationId, cursor } = await startConversation(one.node);
    const admin = await testToken(newUserId('admin'), { role: 'admin' });
    const nodesKnownTo = async (url: string) =>
      (await request(url, admin, statusDocument)).connectionStatus.nodes;
    for (const url of urls) await eventually(async () => (await nodesKnownTo(url)).length === 2);
    const answer = await askSpoken(nodes, (text) => send(one.node, user, { conversationId, text }));
    const survivor = urls.find((url) => url !== answer.maker.url) ?? '';
    const receiver = keep(
      await receive({ url: `${survivor.replace('http', 'ws')}/graphql`, user, conversationId, cursor }),
    );
    const textOf = () => answerOf(receiver)?.text;
    answer.say(...pieces);
    await eventually(() => textOf() === pieces.join(''));

    answer.maker.kill('SIGKILL');
    const killedAt = performance.now();
    const attemptOf = () => receiver.ofType('AnswerDelta').at(-1)?.attempt;
    await eventually(() => attemptOf() === 2, { timeoutMs: 10_000 });
    await eventually(async () => (await nodesKnownTo(survivor)).length === 1, {
      timeoutMs: 15_000 - (performance.now() - killedAt),
      intervalMs: 100,
    });
    answer.finish();
    await eventually(() => receiver.ofType('AnswerFinished').length === 1);
    const [finished] = receiver.ofType('AnswerFinished');
    expect(finished).toMatchObject({ messageId: answer.answerId, text: pieces.join('') });
    expect(answerOf(receiver)).toMatchObject({ attempt: 2, state: 'FINISHED', text: finished?.text });
    expect(receiver.ofType('AnswerStarted')).toHaveLength(1);
  });

  test('[C10] [N11] a node that is told to stop closes its sockets with 1001, and its clients go on at the other', async () => {
    const nodes = await Promise.all([startSpokenNode(), startSpokenNode()]);
    const [{ node: one }, { node: other }] = nodes;
    const { user, conversationId, cursor } = await startConversation(one);
    const balancer = keep(await startBalancer([one.url]));
    const options = { url: balancer.wsUrl, user, conversationId, cursor };
    const receivers = [keep(await receive(options)), keep(await receiveByStock(options))];
    await eventually(() => receivers.every((receiver) => receiver.ofType('Ready').length === 1));
    const answer = await askSpoken(nodes, (text) => send(one, user, { conversationId, text }));
    for (const [index, piece] of pieces.entries()) {
      answer.say(piece);
      await eventually(() => receivers.every((receiver) => receiver.ofType('AnswerDelta').length > index));
    }

    balancer.setTargets([other.url]);
    one.kill('SIGTERM');
    await expect(one.waitForExit()).resolves.toEqual({ code: 0, signal: null });
    answer.finish();
    await send(other, user, { conversationId, text: 'message 1', answer: false });
    for (const receiver of receivers) {
      await eventually(
        () => receiver.ofType('AnswerFinished').length === 1 && textsOf(receiver).length === 3,
      );
      expect(receiver.closes).toEqual([1001]);
      expect(textsOf(receiver)).toEqual(['message 0', question, 'message 1']);
      const [finished] = receiver.ofType('AnswerFinished');
      expect(finished).toMatchObject({ messageId: answer.answerId, text: pieces.join('') });
      expect(answerOf(receiver)).toMatchObject({ state: 'FINISHED', text: finished?.text });
    }
    const history = await request(other.url, await testToken(user), historyDocument, { id: conversationId });
    expect(history.conversation.messages.edges).toHaveLength(4);
  });

  test('[S5] while Redis is unreachable from the start, a node serves, says so, and subscriptions are live by the store', async () => {
    const [node, far] = await startNodes({ REDIS_URL: 'redis://:sesame@127.0.0.1:1' });
    await node.waitFor('stderr', /REDIS_URL: Redis is unreachable/);
    expect(node.stderr).not.toContain('sesame');
    const { user, conversationId, cursor } = await startConversation(node);
    const url = `${node.url.replace('http', 'ws')}/graphql`;
    const receiver = keep(await receive({ url, user, conversationId, cursor }));
    await eventually(() => receiver.ofType('Ready').length === 1);
    await send(node, user, { conversationId, text: 'Make a study plan for light' });
    await eventually(() => receiver.ofType('AnswerFinished').length === 1);
    expect(textsOf(receiver)).toEqual(['message 0', 'Make a study plan for light']);
    const [finished] = receiver.ofType('AnswerFinished');
    expect(answerOf(receiver)).toMatchObject({ state: 'FINISHED', text: finished?.text });

    // Written by another node that has no Redis either: only the store can tell.
    await send(far, user, { conversationId, text: 'from afar', answer: false });
    await eventually(() => textsOf(receiver).at(-1) === 'from afar', { timeoutMs: 5_000 });
  });

  test('[L8] [L16] after "epoch rotate" a node that serves goes on, and all cursors of before end in Resync', async () => {
    const node = await startNode();
    const { user, conversationId, cursor } = await startConversation(node);
    const url = `${node.url.replace('http', 'ws')}/graphql`;
    const live = keep(await receive({ url, user, conversationId, cursor }));
    await eventually(() => live.ofType('Ready').length === 1);
    const env = { DATABASE_URL: database?.url ?? '', EDAGENT_LOG_LEVEL: 'silent' };
    await expect(runCommand(['epoch', 'rotate'], { env })).resolves.toMatchObject({ code: 0, stderr: '' });
    const { cursor: next } = await send(node, user, { conversationId, text: 'message 1', answer: false });
    await eventually(() => live.ofType('Resync').length > 0);

    const late = keep(await receive({ url, user, conversationId, cursor }));
    await eventually(() => late.ofType('Ready').length === 1);
    expect(late.ofType('Resync')).toMatchObject([{ cause: 'EPOCH_CHANGED' }]);
    expect(textsOf(late)).toEqual([]);
    const fresh = keep(await receive({ url, user, conversationId, cursor: next }));
    await eventually(() => textsOf(fresh).length === 1);
    expect(fresh.ofType('Resync')).toEqual([]);
  });
});
