import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createEdAgentClient, type EdAgentClientOptions } from '../../../client/src/index.ts';
import { eventually } from '../../support/eventually.ts';
import { newUserId, startTestApp, type TestApp, testToken } from '../../support/test-app.ts';
import { type Heard, hear, meet, say } from '../feed/sockets.ts';

/** Tokens end on whole seconds: this is three to four of them away, and a fifth of it is left when it is renewed. */
const ttlMs = 4_000;

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});

afterAll(() => app.dispose());

interface Connected {
  readonly client: Client;
  readonly token: string;
  readonly heard: Heard;
  /** Of every connection. */
  readonly connectionIds: unknown[];
  readonly closeCodes: unknown[];
}

/** Ada with a subscription of hers. */
const connect = async (
  user: string,
  options: Pick<EdAgentClientOptions, 'connectionParams' | 'renewToken'>,
): Promise<Connected> => {
  const token = await meet(app, user);
  const connectionIds: unknown[] = [];
  const closeCodes: unknown[] = [];
  const client = createEdAgentClient({
    url: app.wsUrl,
    webSocketImpl: WebSocket,
    ...options,
    on: {
      connected: (_, payload) => connectionIds.push(payload?.connectionId),
      closed: (event) => closeCodes.push((event as { code: number }).code),
    },
  });
  const heard = hear(client);
  await heard.ready();
  return { client, token, heard, connectionIds, closeCodes };
};

const shortToken = async (user: string) => `Bearer ${await testToken(user, { ttlMs })}`;

const passed = (ms: number) => {
  const at = performance.now() + ms;
  return eventually(() => performance.now() > at);
};

/** Two lives after the end of the first token, the subscription is live on the socket on which it began. */
const expectOutlived = async (
  { client, token, heard, connectionIds, closeCodes }: Connected,
  ms = 3 * ttlMs,
) => {
  await passed(ms);
  await say(app, token, 'still there?');
  await eventually(() => heard.texts().includes('still there?'));
  expect(connectionIds).toEqual([expect.any(String)]);
  expect(closeCodes).toEqual([]);
  await client.dispose();
};

describe('renewing the token of the live connection', () => {
  test.concurrent('[A6] [A7] a function as connectionParams is all it takes to outlive tokens on one socket', async () => {
    const user = newUserId('ada');
    let calls = 0;
    const connected = await connect(user, {
      connectionParams: async () => {
        calls++;
        return { Authorization: await shortToken(user) };
      },
    });
    await expectOutlived(connected);
    // Once to connect, then at 80 % of each life of 3 to 4 s: a storm would be more.
    expect(calls).toBeGreaterThan(3);
    expect(calls).toBeLessThan(12);
  });

  test.concurrent('[A6] renewToken gives it where connectionParams is fixed', async () => {
    const user = newUserId('ada');
    const connected = await connect(user, {
      connectionParams: { authorization: await shortToken(user) },
      renewToken: () => testToken(user, { ttlMs }),
    });
    await expectOutlived(connected);
  });

  test.concurrent('a source that fails at first, or gives what the server refuses, is asked again on the same socket', async () => {
    const user = newUserId('ada');
    let calls = 0;
    const connected = await connect(user, {
      // A fifth of its life is left at the first try, and each of the two others comes up to 600 ms after the one before.
      connectionParams: { authorization: `Bearer ${await testToken(user, { ttlMs: 12_000 })}` },
      async renewToken() {
        calls++;
        if (calls === 1) throw new Error('offline');
        return calls === 2 ? 'nonsense' : testToken(user);
      },
    });
    await eventually(() => calls === 3);
    await expectOutlived(connected, 2_500);
    expect(calls).toBe(3);
  });

  test.concurrent('[A7] without renewal the socket closes with 4403, and the next one resumes with a new token', async () => {
    const user = newUserId('ada');
    const connected = await connect(user, {
      connectionParams: async () => ({ authorization: await shortToken(user) }),
      renewToken: false,
    });
    await eventually(() => connected.connectionIds.length === 2);
    expect(connected.closeCodes).toEqual([4403]);
    await eventually(() => connected.heard.of('Ready').length === 2);
    expect(connected.heard.of('Ready').at(-1)).toMatchObject({ resumed: true });
    await connected.client.dispose();
  });
});
