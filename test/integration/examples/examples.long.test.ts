import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import WebSocket from 'ws';
import { openConversation as openWithApollo } from '../../../examples/apollo/conversation.ts';
import type { Conversation, Message } from '../../../examples/terminal.ts';
import { openConversation as openWithUrql } from '../../../examples/urql/conversation.ts';
import { historyDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { createScriptedTutor } from '../../support/scripted-tutor.ts';
import { createTcpProxy } from '../../support/tcp-proxy.ts';
import { newUserId, startTestApp, type TestApp } from '../../support/test-app.ts';

jest.setTimeout(60_000);

const examples = [
  { name: 'apollo', open: openWithApollo },
  { name: 'urql', open: openWithUrql },
] as const;

interface Shown extends Conversation {
  /** Every list that was shown. */
  readonly lists: readonly (readonly Message[])[];
  readonly errors: readonly unknown[];
}

const tutor = createScriptedTutor();
let app: TestApp;
let token: string;
let proxy: Awaited<ReturnType<typeof createTcpProxy>>;
let firstCall: number;
const opened: Conversation[] = [];

/** Of this test: calls are counted from where the test before ended. */
const callOfTutor = (index: number) => tutor.call(firstCall + index);

beforeAll(async () => {
  app = await startTestApp({ tutor, env: { EDAGENT_REPLAY_MAX: '5' } });
});

afterAll(() => app.dispose());

beforeEach(async () => {
  firstCall = tutor.calls.length;
  token = await app.token(newUserId('ada'), { name: 'Ada' });
  proxy = await createTcpProxy({ host: '127.0.0.1', port: Number(new URL(app.url).port) });
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((conversation) => conversation.dispose()));
  await proxy.dispose();
});

const open = async (openConversation: typeof openWithApollo, id?: string): Promise<Shown> => {
  const lists: (readonly Message[])[] = [];
  const errors: unknown[] = [];
  const conversation = await openConversation({
    id,
    url: `ws://127.0.0.1:${proxy.port}/graphql`,
    token: () => token,
    webSocketImpl: WebSocket,
    show: (messages) => lists.push(messages),
    onError: (error) => errors.push(error),
  });
  opened.push(conversation);
  return { ...conversation, lists, errors };
};

const storedMessages = async (id: string): Promise<{ id: string; text: string }[]> => {
  const { data } = await app.query(token, historyDocument, { id, last: 50 });
  return data.conversation.messages.edges.map(({ node }: { node: { id: string; text: string } }) => ({
    id: node.id,
    text: node.text,
  }));
};

const toIdAndText = ({ id, text }: Message) => ({ id, text });
const lastOf = (messages: readonly Message[]) => messages.at(-1) ?? null;

const isFinished = (conversation: Conversation) =>
  lastOf(conversation.messages())?.answer?.state === 'FINISHED';

describe.each(examples)('the example with $name', ({ name, open: openConversation }) => {
  test('an answer grows in the cache, each state a prefix of the next, and ends as it is stored', async () => {
    const conversation = await open(openConversation);
    await conversation.send('How do fractions add?');
    const call = await callOfTutor(0);
    const pieces = ['Find ', 'a common ', 'denominator, ', 'then add.'];
    for (const [index, piece] of pieces.entries()) {
      call.say(piece);
      const soFar = pieces.slice(0, index + 1).join('');
      await eventually(() => lastOf(conversation.messages())?.text === soFar);
    }
    call.finish();
    await eventually(() => isFinished(conversation));

    expect(conversation.messages().map(toIdAndText)).toEqual(await storedMessages(conversation.id));
    const texts = conversation.lists.flatMap((list) => list.filter(({ author }) => author.kind === 'TUTOR'));
    for (const [index, { text }] of texts.entries()) {
      expect(text.startsWith(texts[index - 1]?.text ?? '')).toBe(true);
    }
    expect(new Set(texts.map(({ text }) => text)).size).toBeGreaterThan(3);
    expect(conversation.errors).toEqual([]);
  });

  test('a message is shown before it is stored, then once, under its own id', async () => {
    const conversation = await open(openConversation);
    await conversation.send('First.');
    await eventually(() => conversation.messages().length === 2);
    proxy.cut();
    const sent = conversation.send('Second.', 'the-second');
    await eventually(() => lastOf(conversation.lists.at(-1) ?? [])?.id === 'the-second');
    expect(lastOf(conversation.messages())).toMatchObject({ text: 'Second.', author: { name: 'Ada' } });
    proxy.mend();
    await sent;
    await eventually(() => conversation.messages().length === 4);
    await eventually(async () => {
      expect(conversation.messages().map(toIdAndText)).toEqual(await storedMessages(conversation.id));
      return true;
    });
    for (const list of conversation.lists) {
      const texts = list.map(({ text }) => text).filter((text) => text !== '');
      expect(new Set(texts).size).toBe(texts.length);
    }
  });

  test('a socket that is cut in the middle of an answer loses nothing', async () => {
    const conversation = await open(openConversation);
    await conversation.send('How do fractions add?');
    const call = await callOfTutor(0);
    call.say('Find a ');
    await eventually(() => lastOf(conversation.messages())?.text === 'Find a ');
    proxy.cut();
    call.say('common denominator, ');
    await eventually(async () => (await storedMessages(conversation.id)).at(-1)?.text.endsWith(', '));
    expect(lastOf(conversation.messages())?.text).toBe('Find a ');
    proxy.mend();
    await eventually(() => lastOf(conversation.messages())?.text === 'Find a common denominator, ');
    call.say('then add.');
    call.finish();
    await eventually(() => isFinished(conversation));
    expect(conversation.messages().map(toIdAndText)).toEqual(await storedMessages(conversation.id));
  });

  test('after more than is replayed it queries again and goes on', async () => {
    const conversation = await open(openConversation);
    await conversation.send('Here.');
    (await callOfTutor(0)).finish();
    await eventually(() => isFinished(conversation));
    proxy.cut();
    const elsewhere = await openConversation({
      id: conversation.id,
      url: app.wsUrl,
      token: () => token,
      webSocketImpl: WebSocket,
      show: () => {},
      onError: () => {},
    });
    opened.push(elsewhere);
    for (const index of [1, 2, 3]) {
      await elsewhere.send(`From elsewhere, ${index}.`);
      const call = await callOfTutor(index);
      call.say(`Answer ${index}.`);
      call.finish();
      await eventually(() => isFinished(elsewhere));
    }
    proxy.mend();
    await eventually(() => conversation.messages().length === 8);
    await elsewhere.send('And live.');
    (await callOfTutor(4)).say('Still ');
    await eventually(() => lastOf(conversation.messages())?.text === 'Still ');
    (await callOfTutor(4)).finish();
    await eventually(() => isFinished(conversation));
    expect(conversation.messages().map(toIdAndText)).toEqual(await storedMessages(conversation.id));
    expect(conversation.errors).toEqual([]);
  });

  test('as a program it writes the answer', async () => {
    const file = `examples/${name}/chat.ts`;
    const program = spawn(process.execPath, ['--import', 'tsx', file, '--token', token, '--url', app.wsUrl]);
    let output = '';
    program.stdout.on('data', (data) => {
      output += data;
    });
    program.stderr.on('data', (data) => {
      output += data;
    });
    program.stdin.end('How do fractions add?\n');
    const call = await callOfTutor(0);
    call.say('Find a common ');
    await eventually(() => output.includes('common'));
    call.say('denominator.');
    call.finish();
    const [code] = await once(program, 'close');
    expect({ code, output }).toEqual({ code: 0, output: 'Find a common denominator.\n' });
  });
});
