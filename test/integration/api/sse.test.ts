import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { extendSchema, parse } from 'graphql';
import { createSchema } from '../../../src/schema/index.ts';
import { messageReceivedDocument, sendDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, type EventStream, startApi } from './harness.ts';

interface Event {
  readonly __typename: string;
  readonly cursor: string;
  readonly text: string;
  readonly offset: number;
}

const eventsOf = (stream: EventStream): Event[] => stream.results.map(({ data }) => data.messageReceived);
const typesOf = (stream: EventStream): string[] => eventsOf(stream).map(({ __typename }) => __typename);

describe('server-sent events', () => {
  let api: Api;
  let admin: string;
  beforeAll(async () => {
    api = await startApi();
    admin = await api.token(newUserId('admin'), { role: 'admin' });
  });
  afterAll(() => api.dispose());

  const send = async (token: string, input: object) =>
    (
      await api.query(token, sendDocument, {
        input: { clientMessageId: newUserId('m'), text: 'Hello', ...input },
      })
    ).data.sendMessage;

  const connectionCount = async (): Promise<number> =>
    (await api.query(admin, '{ connectionStatus { connectionCount } }')).data.connectionStatus
      .connectionCount;

  test.each(['POST', 'GET'] as const)('[C1] carry a whole conversation by %s', async (method) => {
    const token = await api.token(newUserId());
    const { conversation, cursor, answer } = await send(token, {});
    const stream = await api.stream(token, {
      method,
      query: messageReceivedDocument,
      variables: { conversationId: conversation.id, after: [cursor] },
    });
    expect(stream.status).toBe(200);
    await eventually(() => typesOf(stream).includes('AnswerFinished'));
    expect(typesOf(stream).filter((type) => type !== 'AnswerDelta' && type !== 'Ready')).toEqual([
      'MessageAdded',
      // The answer, which waits.
      'MessageAdded',
      'AnswerStarted',
      'AnswerFinished',
    ]);
    for (const { data, extensions } of stream.results) {
      const { topic, cursor: at } = data.messageReceived;
      if (at) expect(extensions).toEqual({ topic, cursor: at });
    }
    expect(answer.id).toBeDefined();
    stream.abort();
  });

  test.each([
    ['the argument', (after: string[]) => ({ variables: { after } })],
    ['extensions', (after: string[]) => ({ extensions: { after } })],
  ])('[L11] resume after the cursors of a broken stream, by %s', async (_, withCursors) => {
    const token = await api.token(newUserId());
    const first = await api.stream(token, { query: messageReceivedDocument });
    await eventually(() => typesOf(first).includes('Ready'));
    const { conversation } = await send(token, { text: 'one', answer: false });
    await eventually(() => typesOf(first).includes('MessageAdded'));
    const seen = eventsOf(first).at(-1)?.cursor ?? '';
    first.abort();
    expect(await first.ended).toBe('broken');
    await send(token, { conversationId: conversation.id, text: 'two', answer: false });
    const second = await api.stream(token, { query: messageReceivedDocument, ...withCursors([seen]) });
    await eventually(() => typesOf(second).includes('Ready'));
    expect(typesOf(second)).toEqual(['MessageAdded', 'Ready']);
    expect(second.raw).toContain('"two"');
    expect(second.raw).not.toContain('"one"');
    second.abort();
  });

  test('[C5] are counted while they last; one that the client aborts is not', async () => {
    const token = await api.token(newUserId());
    const before = await connectionCount();
    const streams = await Promise.all(
      Array.from({ length: 10 }, () => api.stream(token, { query: messageReceivedDocument })),
    );
    await eventually(() => streams.every((stream) => typesOf(stream).includes('Ready')));
    expect(await connectionCount()).toBe(before + 10);
    for (const stream of streams) stream.abort();
    await eventually(async () => (await connectionCount()) === before);
  });

  test('[C5] that are aborted before their first event are not counted either', async () => {
    const token = await api.token(newUserId());
    const before = await connectionCount();
    await Promise.all(
      Array.from({ length: 30 }, async (_, at) => {
        const controller = new AbortController();
        const response = fetch(api.url, {
          method: 'POST',
          signal: controller.signal,
          headers: {
            accept: 'text/event-stream',
            'content-type': 'application/json',
            authorization: `Bearer ${token}`,
          },
          body: JSON.stringify({ query: messageReceivedDocument }),
        });
        setTimeout(() => controller.abort(), at);
        await response.then(({ body }) => body?.cancel()).catch(() => {});
      }),
    );
    await eventually(async () => (await connectionCount()) === before);
  });

  test('[C5] of a query are none: they carry one result and complete', async () => {
    const token = await api.token(newUserId());
    const stream = await api.stream(token, { query: '{ connectionStatus { connectionCount } }' });
    expect(await stream.ended).toBe('complete');
    expect(stream.results).toEqual([{ data: { connectionStatus: { connectionCount: 0 } } }]);
  });

  test('[A8] complete when the right to the conversation ends', async () => {
    const token = await api.token(newUserId());
    const { conversation } = await send(token, { answer: false });
    const stream = await api.stream(token, {
      query: messageReceivedDocument,
      variables: { conversationId: conversation.id },
    });
    await eventually(() => typesOf(stream).includes('Ready'));
    await api.query(token, 'mutation ($id: ID!) { deleteConversation(id: $id) }', { id: conversation.id });
    expect(await stream.ended).toBe('complete');
  });
});

describe('server-sent events whose client leaves while they are being prepared', () => {
  test('[C5] are not counted, and their source is left', async () => {
    const schema = extendSchema(createSchema(), parse('extend type Subscription { slow: String }'));
    const field = schema.getSubscriptionType()?.getFields().slow;
    if (!field) throw new Error('no field');
    let begun = 0;
    let left = 0;
    let prepare = (): void => {};
    const prepared = new Promise<void>((resolve) => {
      prepare = resolve;
    });
    field.subscribe = async () => {
      begun += 1;
      await prepared;
      const source = {
        next: () => new Promise<never>(() => {}),
        async return() {
          left += 1;
          return { value: undefined, done: true };
        },
        [Symbol.asyncIterator]: () => source,
      };
      return source;
    };
    const api = await startApi({ schema });
    try {
      const token = await api.token(newUserId());
      const count = async () =>
        (await api.query(token, '{ connectionStatus { connectionCount } }')).data.connectionStatus
          .connectionCount;
      const controller = new AbortController();
      const response = fetch(`${api.url}?query=${encodeURIComponent('subscription { slow }')}`, {
        headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
        signal: controller.signal,
      });
      await eventually(() => begun === 1);
      expect(await count()).toBe(1);
      controller.abort();
      await expect(response).rejects.toThrow(/abort/);
      // A later request on a new socket is answered when the server has seen the other one end.
      await count();
      prepare();
      await eventually(() => left > 0);
      await eventually(async () => (await count()) === 0);
    } finally {
      await api.dispose();
    }
  });
});
