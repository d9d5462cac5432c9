import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createAnswerTexts } from 'edagent-client';
import { startBalancer } from '../support/balancer.ts';
import { receive, request, testServerEnv } from '../support/clients.ts';
import { historyDocument, sendDocument } from '../support/documents.ts';
import { eventually } from '../support/eventually.ts';
import { runCommand, startServerProcess } from '../support/processes.ts';
import { startSpokenModel } from '../support/spoken-model.ts';
import { createTempFolder } from '../support/stores.ts';
import { newUserId, testToken } from '../support/test-app.ts';

// Processes start slowly on a busy machine.
jest.setTimeout(60_000);

describe('the embedded server', () => {
  let folder: Awaited<ReturnType<typeof createTempFolder>>;
  const toDispose: { dispose(): Promise<unknown> }[] = [];

  const keep = <T extends { dispose(): Promise<unknown> }>(thing: T): T => {
    toDispose.push(thing);
    return thing;
  };

  beforeEach(async () => {
    folder = await createTempFolder();
  });

  afterEach(async () => {
    for (const thing of toDispose.splice(0).reverse()) await thing.dispose();
    await folder.dispose();
  });

  const start = async (env: Record<string, string> = {}) =>
    keep(await startServerProcess({ env: { ...testServerEnv, EDAGENT_DATA_DIR: folder.path, ...env } }));

  test('[L18] [N11] after kill -9 every acknowledged message is there, and the answer in progress is made to its end', async () => {
    // It waits for the test: the answer is in progress when the server is killed, and when its reader is back.
    const model = keep(await startSpokenModel());
    const env = { OPENAI_BASE_URL: model.url, EDAGENT_TOKEN_TIMEOUT: '60s', EDAGENT_LEASE: '1s' };
    const first = await start(env);
    const user = newUserId();
    const token = await testToken(user);
    const send = async (text: string, more: Record<string, unknown>) => {
      const input = { clientMessageId: randomUUID(), text, ...more };
      return (await request(first.url, token, sendDocument, { input })).sendMessage;
    };
    const { conversation, cursor } = await send('message 0', { answer: false });
    const conversationId = conversation.id as string;
    const balancer = keep(await startBalancer([first.url]));
    const receiver = keep(await receive({ url: balancer.wsUrl, user, conversationId, cursor }));
    const acknowledged = ['message 0'];
    for (let n = 1; n <= 30; n++) {
      const { message } = await send(`message ${n}`, { conversationId, answer: false });
      acknowledged.push(message.text);
    }
    const question = 'Make a study plan for light';
    const spoken = model.answerTo(question);
    const { answer } = await send(question, { conversationId });
    acknowledged.push(question);
    for (const [index, piece] of ['Day 1: look ', 'through ', 'a prism. '].entries()) {
      spoken.say(piece);
      await eventually(() => receiver.ofType('AnswerDelta').length > index);
    }

    first.kill('SIGKILL');
    await first.waitForExit();
    const second = await start(env);
    balancer.setTargets([second.url]);
    await eventually(() => receiver.ofType('AnswerDelta').at(-1)?.attempt === 2);
    spoken.say('Day 2: rest.');
    spoken.finish();

    await eventually(() => receiver.ofType('AnswerFinished').length === 1);
    const [finished] = receiver.ofType('AnswerFinished');
    expect(finished).toMatchObject({
      messageId: answer.id,
      text: 'Day 1: look through a prism. Day 2: rest.',
    });
    const texts = createAnswerTexts();
    const shown = receiver.events.flatMap((event) => texts.apply(event) ?? []).at(-1);
    expect(shown).toMatchObject({ attempt: 2, state: 'FINISHED', text: finished?.text });
    const history = await request(second.url, token, historyDocument, { id: conversationId, first: 100 });
    const messages = history.conversation.messages.edges.map(
      ({ node }: { node: { author: { kind: string }; text: string } }) => node,
    );
    expect(messages.slice(0, -1).map(({ text }: { text: string }) => text)).toEqual(acknowledged);
    expect(messages.at(-1)).toMatchObject({ id: answer.id, text: finished?.text });
    const received = receiver.ofType('MessageAdded').map(({ message }) => (message as { text: string }).text);
    expect(received.slice(0, acknowledged.length)).toEqual(acknowledged);
  });

  test('a second server on the same data folder is refused with exit code 3, and the first one serves on', async () => {
    const server = await start();
    const env = { ...testServerEnv, PORT: '0', EDAGENT_DATA_DIR: folder.path };
    const second = await runCommand(['serve'], { env });
    expect(second).toMatchObject({ code: 3, stdout: '' });
    expect(second.stderr).toBe(
      `EDAGENT_DATA_DIR: the data folder ${folder.path} is in use by another server: stop that one, or set EDAGENT_DATA_DIR to another folder.\n`,
    );
    const token = await testToken(newUserId());
    await expect(request(server.url, token, '{ viewer { role } }')).resolves.toEqual({
      viewer: { role: 'LEARNER' },
    });
  });

  test('SIGTERM ends it with exit code 0, and its development token outlives it', async () => {
    const env = { EDAGENT_JWT_SECRET: '', NODE_ENV: 'development' };
    const first = await start(env);
    const token = (await first.waitFor('stdout', /Bearer [\w.-]+/)).replace('Bearer ', '');
    first.kill('SIGTERM');
    await expect(first.waitForExit()).resolves.toEqual({ code: 0, signal: null });
    const second = await start(env);
    const { viewer } = await request(second.url, token, '{ viewer { user { id } role } }');
    expect(viewer).toEqual({ user: { id: 'ada' }, role: 'ADMIN' });
  });

  test('a second signal does not wait for the first one to be obeyed', async () => {
    const server = await start();
    // A request that does not come to its end: the first signal waits for it.
    const { port, hostname } = new URL(server.url);
    const slow = connect(Number(port), hostname);
    slow.on('error', () => {});
    await new Promise((resolve) => {
      slow.write('POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-length: 10\r\n\r\n', resolve);
    });
    server.kill('SIGTERM');
    server.kill('SIGINT');
    const { code } = await server.waitForExit();
    slow.destroy();
    // 128 and the number of the signal that came second.
    expect([130, 143]).toContain(code);
  });

  test('a closed standard output does not end it', async () => {
    const server = await start({ EDAGENT_LOG_LEVEL: 'silent' });
    server.closeOutput();
    const token = await testToken(newUserId());
    await expect(request(server.url, token, '{ viewer { role } }')).resolves.toBeDefined();
    server.kill('SIGTERM');
    await expect(server.waitForExit()).resolves.toEqual({ code: 0, signal: null });
  });
});
