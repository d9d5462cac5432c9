import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toCursor } from '../../../src/domain/cursor.ts';
import { historyDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { createScriptedTutor } from '../../support/scripted-tutor.ts';
import { newUserId, startTestApp, type TestApp } from '../../support/test-app.ts';
import { change, type Heard, hear, meet, refusalOf, say } from './sockets.ts';

let app: TestApp;

/** Goes on with an answer to a question that begins so when the test says. */
const wait = 'wait';
const tutor = createScriptedTutor((call) => {
  call.say('So ', 'far');
  if (!call.question.startsWith(wait)) call.finish();
});

beforeAll(async () => {
  app = await startTestApp({ env: { EDAGENT_REPLAY_MAX: '5' }, tutor });
});

/** Asks, waits until somebody hears the answer grow, and lets it end. */
const askSlowly = async (token: string, conversationId: string, heard: Heard): Promise<void> => {
  const question = `${wait}: ${conversationId}`;
  await say(app, token, question, { conversationId, answer: true });
  await eventually(() => heard.of('AnswerDelta')[0]);
  tutor.calls.find((call) => call.question === question)?.finish();
  await eventually(() => heard.of('AnswerFinished')[0]);
};

afterAll(() => app.dispose());

/** Ada, a conversation of hers with some messages in it, and a client. */
const begin = async (texts: readonly string[] = ['1', '2', '3']) => {
  const user = newUserId('ada');
  const token = await meet(app, user);
  const first = await say(app, token, texts[0] ?? '');
  const { conversationId } = first;
  for (const text of texts.slice(1)) await say(app, token, text, { conversationId });
  return {
    user,
    token,
    conversationId,
    first,
    topic: `conversation:${conversationId}`,
    client: app.stockClient(token),
  };
};

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

describe('subscribing after a cursor', () => {
  test('[L4] [L5] gives what came after it, then Ready, then live', async () => {
    const { client, token, conversationId, first } = await begin();
    const heard = hear(client, { conversationId, after: [first.cursor] });
    await heard.ready();
    await say(app, token, '4', { conversationId });
    await eventually(() => heard.texts().length === 4);
    expect(heard.texts()).toEqual(['1', '2', '3', '4']);
    expect(heard.types().indexOf('Ready')).toBe(3);
  });

  test('[L6] is resumed when every topic had a cursor, and only then', async () => {
    const { client, token, conversationId, topic, first } = await begin();
    const half = hear(client, { conversationId, after: [first.cursor] });
    expect((await half.ready()).resumed).toBe(false);
    half.stop();
    await say(app, token, '4', { conversationId });
    const whole = hear(client, { conversationId, after: [half.cursor(topic), half.cursor('broadcast')] });
    expect((await whole.ready()).resumed).toBe(true);
    expect(whole.texts()).toEqual(['4']);
  });

  test('[L7] without a cursor it is live from Ready on, which says where it stands', async () => {
    const { client, token, conversationId, topic } = await begin();
    const heard = hear(client, { conversationId });
    const ready = await heard.ready();
    expect(ready.cursors?.map((one) => one.topic)).toEqual([topic, 'broadcast']);
    await say(app, token, '4', { conversationId });
    await eventually(() => heard.texts().length === 1);
    heard.stop();
    const again = hear(client, { conversationId, after: ready.cursors?.map(({ cursor }) => cursor) ?? [] });
    expect((await again.ready()).resumed).toBe(true);
    expect(again.texts()).toEqual(['4']);
  });

  test('[L11] extensions.after takes the place of the argument', async () => {
    const { client, conversationId, first } = await begin();
    const heard = hear(client, { conversationId, after: ['nonsense'] }, { after: [first.cursor] });
    await heard.ready();
    expect(heard.texts()).toEqual(['1', '2', '3']);
  });

  test('[L13] the cursor of a message stands just before it', async () => {
    const { client, token, conversationId } = await begin();
    const sent = await say(app, token, 'a question', { conversationId, answer: true });
    const heard = hear(client, { conversationId, after: [sent.cursor] });
    await eventually(() => heard.of('AnswerFinished').length === 1);
    expect(heard.events[0]?.message?.id).toBe(sent.messageId);
    const durable = heard.events.filter(({ topic }) => topic).map(({ __typename }) => __typename);
    expect(durable).toEqual(['MessageAdded', 'MessageAdded', 'AnswerStarted', 'AnswerFinished']);
  });

  test('[L12] a page and a subscription after its cursor leave no hole', async () => {
    const { client, token, conversationId } = await begin();
    const sending = numbers(4, 8).map((text) => say(app, token, text, { conversationId }));
    const { data } = await app.query(token, historyDocument, { id: conversationId, first: 100 });
    const { cursor, edges } = data.conversation.messages;
    const heard = hear(client, { conversationId, after: [cursor] });
    await Promise.all(sending);
    await eventually(() => edges.length + heard.texts().length === 8);
    const all = [...edges.map(({ node }: { node: { text: string } }) => node.text), ...heard.texts()];
    expect(new Set(all)).toEqual(new Set(numbers(1, 8)));
  });

  test.each([
    ['malformed', () => ['nonsense']],
    ['empty', () => ['']],
    ['of another conversation', () => [toCursor({ topic: 'conversation:x', epoch: 'e', seq: 1 })]],
    ['of a topic of another subscription', (topic: string) => [topic.replace('conversation', 'user')]],
    ['the second of one topic', (_topic: string, cursor: string) => [cursor, cursor]],
    ['one of three', (_topic: string, cursor: string) => [cursor, cursor, cursor]],
  ])('[L9] a cursor that is %s is BAD_INPUT, in both places', async (_name, toCursors) => {
    const { client, conversationId, first, topic } = await begin(['1']);
    const after = toCursors(topic, first.cursor);
    const refused = { code: 'BAD_INPUT', temporary: false };
    expect(await refusalOf(hear(client, { conversationId, after }))).toMatchObject(refused);
    expect(await refusalOf(hear(client, { conversationId }, { after }))).toMatchObject(refused);
  });
});

describe('a topic that cannot be served', () => {
  test('[L8] more behind than EDAGENT_REPLAY_MAX gives Resync and no part, the rest is served, and it goes on', async () => {
    const { client, token, conversationId, topic, first } = await begin(numbers(1, 6));
    const admin = await meet(app, newUserId('root'), 'admin');
    const before = hear(client, { conversationId });
    await before.ready();
    before.stop();
    await change(
      app,
      admin,
      'broadcast(input: { clientBroadcastId: "b1", text: "To all" }) { broadcast { id } }',
    );
    const heard = hear(client, { conversationId, after: [first.cursor, before.cursor('broadcast')] });
    await heard.ready();
    expect(heard.types().toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['BroadcastAdded', 'Ready', 'Resync']);
    const [resync] = heard.of('Resync');
    expect(resync).toMatchObject({ cause: 'TOO_FAR_BEHIND', cursors: [{ topic }] });
    expect((await heard.ready()).resumed).toBe(false);
    await say(app, token, '7', { conversationId });
    await eventually(() => heard.texts().length === 1);
    heard.stop();

    const again = hear(client, { conversationId, after: resync?.cursors?.map(({ cursor }) => cursor) ?? [] });
    await again.ready();
    expect(again.texts()).toEqual(['7']);
  });

  test('[L8] exactly EDAGENT_REPLAY_MAX behind is served in full', async () => {
    const { client, conversationId, first } = await begin(numbers(1, 5));
    const heard = hear(client, { conversationId, after: [first.cursor] });
    await heard.ready();
    expect(heard.texts()).toEqual(numbers(1, 5));
  });
});

describe('what is delivered', () => {
  test('[L10] every result with a durable event carries topic and cursor, with Ready and Resync their cursors, others nothing', async () => {
    const { client, token, conversationId, first } = await begin();
    const heard = hear(client, { conversationId, after: [first.cursor] });
    await heard.ready();
    await askSlowly(token, conversationId, heard);
    for (const { data, extensions } of heard.results) {
      const { __typename, topic, cursor, cursors } = (data?.messageReceived ?? {}) as Record<string, unknown>;
      if (topic) expect(extensions).toMatchObject({ topic, cursor });
      else if (cursors) expect(extensions).toMatchObject({ event: __typename, cursors });
      else expect(extensions).toBeUndefined();
    }
    expect(new Set(heard.types())).toEqual(
      new Set(['MessageAdded', 'Ready', 'AnswerStarted', 'AnswerDelta', 'AnswerFinished']),
    );
  });

  test('[L15] is the same by replay and live', async () => {
    const { client, token, conversationId, topic, first } = await begin(['1']);
    const live = hear(client, { conversationId, after: [first.cursor] });
    await live.ready();
    await say(app, token, 'a question', { conversationId, answer: true });
    await eventually(() => live.of('AnswerFinished').length === 1);
    const replayed = hear(client, { conversationId, after: [first.cursor] });
    await replayed.ready();
    const durable = ({ results }: typeof live) =>
      results.filter(({ extensions }) => (extensions as { topic?: string } | undefined)?.topic === topic);
    expect(durable(replayed)).toEqual(durable(live));
    expect(durable(live)).toHaveLength(5);
  });

  test('[L1] [L2] one event has one id in all topics, each with cursors of its own, and viewer-wide there are no deltas', async () => {
    const { client, token, conversationId, user, topic } = await begin();
    const inConversation = hear(client, { conversationId });
    const wide = hear(client);
    await Promise.all([inConversation.ready(), wide.ready()]);
    await askSlowly(token, conversationId, inConversation);
    const other = await say(app, token, 'elsewhere');
    await eventually(() => wide.of('MessageAdded').length === 3 && wide.of('AnswerFinished')[0]);

    const ids = (heard: typeof wide, of: string) =>
      heard.events.filter((event) => event.topic && event.conversationId === of).map(({ id }) => id);
    expect(ids(wide, conversationId)).toEqual(ids(inConversation, conversationId));
    expect(ids(inConversation, other.conversationId)).toEqual([]);
    expect(new Set(wide.events.flatMap((event) => event.topic ?? []))).toEqual(new Set([`user:${user}`]));
    expect(new Set(inConversation.events.flatMap((event) => event.topic ?? []))).toEqual(new Set([topic]));
    expect(wide.of('AnswerDelta')).toEqual([]);
    expect(inConversation.of('AnswerDelta').length).toBeGreaterThan(0);
  });

  test('[L2] a broadcast to all comes in both, one to named users viewer-wide alone', async () => {
    const { client, conversationId, user } = await begin();
    const admin = await meet(app, newUserId('root'), 'admin');
    const [inConversation, wide] = [hear(client, { conversationId }), hear(client)];
    await Promise.all([inConversation.ready(), wide.ready()]);
    const send = (id: string, more: string) =>
      change(
        app,
        admin,
        `broadcast(input: { clientBroadcastId: "${id}", text: "${id}" ${more} }) { broadcast { id } }`,
      );
    await send('named', `userIds: ["${user}"]`);
    await send('all', '');
    await eventually(() => wide.of('BroadcastAdded').length === 2 && inConversation.of('BroadcastAdded')[0]);
    const told = (heard: typeof wide) => heard.of('BroadcastAdded').map(({ text, topic }) => [text, topic]);
    expect(told(inConversation)).toEqual([['all', 'broadcast']]);
    expect(told(wide)).toHaveLength(2);
    expect(told(wide)).toEqual(
      expect.arrayContaining([
        ['named', `user:${user}`],
        ['all', 'broadcast'],
      ]),
    );
  });

  test('[N6] [L5] whoever comes late gets all the text so far at offset 0, before Ready', async () => {
    const { client, token, conversationId } = await begin();
    const sent = await say(app, token, `${wait} for me`, { conversationId, answer: true });
    const early = hear(client, { conversationId, after: [sent.cursor] });
    await eventually(
      () =>
        early
          .of('AnswerDelta')
          .map(({ text }) => text)
          .join('') === 'So far',
    );
    const late = hear(client, { conversationId });
    await late.ready();
    expect(late.events).toMatchObject([
      { __typename: 'AnswerDelta', messageId: sent.answerId, offset: 0, text: 'So far' },
      { __typename: 'Ready' },
    ]);
    await change(app, token, `stopAnswer(messageId: "${sent.answerId}") { id }`);
    await eventually(() => late.of('AnswerStopped')[0]);
    expect(late.types().slice(2)).toEqual(['AnswerStopped']);
  });
});

describe('the right to a conversation', () => {
  test('[A3] whoever takes no part gets NOT_FOUND', async () => {
    const { conversationId } = await begin();
    const eve = app.stockClient(await meet(app, newUserId('eve')));
    expect(await refusalOf(hear(eve, { conversationId }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusalOf(hear(eve, { conversationId: 'nonsense' }))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('[A8] a removed participant gets nothing that comes later; the subscription completes there', async () => {
    const { token, conversationId, client } = await begin();
    const bob = newUserId('bob');
    const bobs = app.stockClient(await meet(app, bob));
    await change(app, token, `addParticipant(conversationId: "${conversationId}", userId: "${bob}") { id }`);
    const [mine, his, wide] = [hear(client, { conversationId }), hear(bobs, { conversationId }), hear(bobs)];
    await Promise.all([mine, his, wide].map((heard) => heard.ready()));
    await say(app, token, 'with bob', { conversationId });
    await change(
      app,
      token,
      `removeParticipant(conversationId: "${conversationId}", userId: "${bob}") { id }`,
    );
    await say(app, token, 'without bob', { conversationId });
    expect(await his.ended).toEqual({ kind: 'complete' });
    await eventually(() => mine.texts().length === 2);
    expect(his.texts()).toEqual(['with bob']);
    expect(wide.types().slice(1)).toEqual(['MessageAdded', 'ConversationRemoved']);
    expect(
      await refusalOf(hear(bobs, { conversationId, after: [his.cursor(`conversation:${conversationId}`)] })),
    ).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('[A8] a deleted conversation completes the subscriptions of all', async () => {
    const { token, conversationId, client } = await begin();
    const [mine, wide] = [hear(client, { conversationId }), hear(client)];
    await Promise.all([mine.ready(), wide.ready()]);
    await change(app, token, `deleteConversation(id: "${conversationId}")`);
    expect(await mine.ended).toEqual({ kind: 'complete' });
    await eventually(() => wide.of('ConversationRemoved')[0]);
  });

  test('[L4] whoever is added again resumes over their own removal', async () => {
    const { token, conversationId } = await begin();
    const bob = newUserId('bob');
    const bobs = app.stockClient(await meet(app, bob));
    const participant = (how: 'add' | 'remove') =>
      change(app, token, `${how}Participant(conversationId: "${conversationId}", userId: "${bob}") { id }`);
    await participant('add');
    const before = hear(bobs, { conversationId });
    await before.ready();
    await participant('remove');
    await before.ended;
    await say(app, token, 'without bob', { conversationId });
    await participant('add');
    const after = before.of('Ready')[0]?.cursors?.map(({ cursor }) => cursor) ?? [];
    const again = hear(bobs, { conversationId, after });
    expect((await again.ready()).resumed).toBe(true);
    expect(again.texts()).toEqual(['without bob']);
  });
});
