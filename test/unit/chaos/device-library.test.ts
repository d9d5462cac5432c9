import { describe, expect, test } from '@jest/globals';
import { type Client, createClient, type Sink, type SubscribePayload } from 'graphql-ws';
import WebSocket from 'ws';
import { createDeviceLibrary } from '../../chaos/device-library.ts';
import type { Library } from '../../chaos/history.ts';
import { messageReceivedDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';

/** What the app sees through a library of what a client of graphql-ws's interface is sent. */
const setUp = (name: Library) => {
  const operations: { payload: SubscribePayload; sink: Sink; isOver: boolean }[] = [];
  const client: Client = {
    ...createClient({ url: 'ws://127.0.0.1', webSocketImpl: WebSocket }),
    subscribe(payload, sink) {
      const operation = { payload, sink: sink as Sink, isOver: false };
      operations.push(operation);
      return () => {
        operation.isOver = true;
      };
    },
  };
  const library = createDeviceLibrary(name, client);
  const seen: unknown[] = [];
  const subscribe = async () => {
    const { length } = operations;
    const stop = library.subscribe(
      messageReceivedDocument,
      { conversationId: 'c', after: [] },
      {
        next: ({ messageReceived }) => seen.push(messageReceived),
        error: (error) => seen.push({ error }),
        complete: () => seen.push('complete'),
      },
    );
    await eventually(() => operations.length > length);
    return { stop, operation: operations[length] as (typeof operations)[number] };
  };
  return { seen, subscribe, dispose: () => library.dispose() };
};

const delta = {
  __typename: 'AnswerDelta',
  messageId: 'm',
  conversationId: 'c',
  attempt: 1,
  offset: 0,
  text: 'a',
};
const refusal = [{ message: 'The store is away.', extensions: { code: 'UNAVAILABLE', temporary: true } }];

describe.each<Library>(['graphql-ws', 'apollo', 'urql'])('an app of %s', (name) => {
  test('sends its variables and sees every event, also two that are alike', async () => {
    const { seen, subscribe, dispose } = setUp(name);
    const { operation, stop } = await subscribe();
    expect(operation.payload.variables).toEqual({ conversationId: 'c', after: [] });
    const next = { ...delta, offset: 1 };
    for (const messageReceived of [delta, delta, next]) operation.sink.next({ data: { messageReceived } });
    await eventually(() => seen.length === 3);
    expect(seen).toEqual([delta, delta, next]);
    stop();
    expect(operation.isOver).toBe(true);
    dispose();
  });

  test('sees a refusal with its code and no event again, and can subscribe anew', async () => {
    const { seen, subscribe, dispose } = setUp(name);
    const { operation, stop } = await subscribe();
    operation.sink.next({ data: { messageReceived: delta } });
    operation.sink.error(refusal);
    await eventually(() => seen.length >= 2);
    expect(seen.slice(0, 2)).toMatchObject([delta, { error: refusal }]);
    stop();
    const before = seen.length;
    const again = await subscribe();
    again.operation.sink.next({ data: { messageReceived: delta } });
    await eventually(() => seen.length === before + 1);
    expect(seen.at(-1)).toEqual(delta);
    again.stop();
    dispose();
  });

  test('sees the code of a socket that was closed for good', async () => {
    const { seen, subscribe, dispose } = setUp(name);
    const { operation, stop } = await subscribe();
    operation.sink.error({ code: 4401, reason: 'Unauthorized' });
    await eventually(() => seen.length > 0);
    const [{ error }] = seen as [{ error: { code: number | string } }];
    expect(Number(error.code)).toBe(4401);
    stop();
    dispose();
  });

  test('sees the end by the server after the last event, and that event once', async () => {
    const { seen, subscribe, dispose } = setUp(name);
    const { operation, stop } = await subscribe();
    operation.sink.next({ data: { messageReceived: delta } });
    operation.sink.complete();
    await eventually(() => seen.includes('complete'));
    expect(seen).toEqual([delta, 'complete']);
    stop();
    dispose();
  });
});
