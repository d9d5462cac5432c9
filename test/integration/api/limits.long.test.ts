import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messageReceivedDocument, sendDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, codeOf, startApi, type Transport, transports } from './harness.ts';

const limits = { messageLength: 100, messages: 3, payload: 4_096, connections: 2, subscriptions: 3 };

describe('the limit of', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi({
      env: {
        EDAGENT_MAX_MESSAGE_LENGTH: String(limits.messageLength),
        EDAGENT_MESSAGES_PER_MINUTE: String(limits.messages),
        EDAGENT_MAX_PAYLOAD: String(limits.payload),
        EDAGENT_CONNECTIONS_PER_USER: String(limits.connections),
        EDAGENT_SUBSCRIPTIONS_PER_CONNECTION: String(limits.subscriptions),
      },
    });
  });
  afterAll(() => api.dispose());

  const send = (transport: Transport, token: string, text: string, id = newUserId('m')) =>
    api.run(transport, token, sendDocument, { input: { clientMessageId: id, text, answer: false } });

  describe.each(transports)('over %s', (transport) => {
    test('[S4] a message’s length names itself and the limit', async () => {
      const token = await api.token(newUserId());
      expect((await send(transport, token, 'x'.repeat(limits.messageLength))).errors).toBeUndefined();
      const refused = await send(transport, token, 'x'.repeat(limits.messageLength + 1));
      expect(refused.errors?.[0]).toMatchObject({
        message: expect.stringMatching(/^text: .*100/),
        extensions: { code: 'BAD_INPUT', field: 'text', temporary: false },
      });
    });

    test('[S4] messages a minute says when it heals, and repeats do not count', async () => {
      const token = await api.token(newUserId());
      for (let n = 0; n < limits.messages; n += 1) {
        expect((await send(transport, token, 'Hi', `m${n}`)).errors).toBeUndefined();
        expect((await send(transport, token, 'Hi', `m${n}`)).errors).toBeUndefined();
      }
      const refused = await send(transport, token, 'One too many');
      expect(refused.errors?.[0]).toMatchObject({
        message: expect.stringContaining(String(limits.messages)),
        extensions: { code: 'RATE_LIMITED', temporary: true },
      });
      const retryAfter = Number(refused.errors?.[0]?.extensions?.retryAfter);
      expect(retryAfter).toBeGreaterThan(0);
      expect(retryAfter).toBeLessThanOrEqual(60);
    });
  });

  test('[S4] messages a minute is one for all transports', async () => {
    const token = await api.token(newUserId());
    for (const transport of transports) await send(transport, token, 'Hi');
    for (const transport of transports)
      expect(codeOf(await send(transport, token, 'Hi'))).toBe('RATE_LIMITED');
  });

  describe('a payload', () => {
    const bodyOf = (size: number): string => {
      const body = (filler: string) =>
        JSON.stringify({ query: '{ viewer { role } }', variables: { filler } });
      return body('x'.repeat(size - body('').length));
    };

    test('[S4] is kept over HTTP, and one byte more is 413', async () => {
      const headers = {
        'content-type': 'application/json',
        authorization: `Bearer ${await api.token(newUserId())}`,
      };
      const fits = await fetch(api.url, { method: 'POST', headers, body: bodyOf(limits.payload) });
      expect([fits.status, await fits.json()]).toEqual([200, { data: { viewer: { role: 'LEARNER' } } }]);
      const large = await fetch(api.url, { method: 'POST', headers, body: bodyOf(limits.payload + 1) });
      expect([large.status, await large.json()]).toEqual([
        413,
        {
          errors: [
            {
              message: `The request body is too large: at most ${limits.payload} bytes are allowed.`,
              extensions: { code: 'BAD_INPUT', temporary: false },
            },
          ],
        },
      ]);
    });

    test.each([
      ['in chunks, without a length', {}],
      ['with a length', { 'content-length': String(8 * 1_024 ** 2) }],
    ])('[S4] sent %s is refused while it is still coming', async (_, headers) => {
      const outgoing = httpRequest(api.url, { method: 'POST', headers });
      const answered = new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
        outgoing.once('error', reject);
        outgoing.once('response', (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.once('end', () => resolve({ status: response.statusCode, text }));
          response.once('error', reject);
        });
      });
      for (let n = 0; n < 16; n += 1) outgoing.write(Buffer.alloc(64 * 1_024, 0x20));
      const { status, text } = await answered;
      expect(status).toBe(413);
      expect(text).toContain('too large');
      outgoing.on('error', () => {});
      outgoing.destroy();
    });

    test('a body that never ends is not listened to for ever', async () => {
      const { hostname, port } = new URL(api.url);
      const peer = connectTcp({ host: hostname, port: Number(port) });
      let answer = '';
      peer
        .on('error', () => {})
        .on('data', (chunk) => {
          answer += chunk;
        });
      const closed = once(peer, 'close');
      peer.write('POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
      const drip = setInterval(() => peer.write('x'), 20);
      await closed;
      clearInterval(drip);
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    });

    test('[S4] over WebSocket closes with 1009, and the others go on', async () => {
      const token = await api.token(newUserId());
      const [large, other] = await Promise.all([api.connect(token), api.connect(token)]);
      const message = (size: number): string =>
        JSON.stringify({ type: 'ping', payload: { filler: 'x'.repeat(size) } });
      large.send(message(limits.payload - message(0).length));
      await large.wait('pong');
      large.send(message(limits.payload - message(0).length + 1));
      expect((await large.closed).code).toBe(1009);
      expect((await other.run('{ viewer { role } }')).errors).toBeUndefined();
    });

    test('[S4] over WebSocket counts the frames of one message together', async () => {
      const socket = await api.connect(await api.token(newUserId()));
      for (let n = 0; n < 8; n += 1) socket.socket.send('x'.repeat(1_024), { fin: false });
      expect((await socket.closed).code).toBe(1009);
    });
  });

  describe('connections of a user', () => {
    const open = async (token: string) => {
      const socket = await api.socket();
      socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
      return socket.wait('connection_ack').then(
        () => 'acknowledged',
        () => socket.closed,
      );
    };

    test('[S4] closes those beyond it with 4403, also when all come at once', async () => {
      const token = await api.token(newUserId());
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => open(token)));
      const refused = outcomes.filter((outcome) => outcome !== 'acknowledged');
      expect(refused).toHaveLength(8 - limits.connections);
      expect(refused[0]).toEqual({
        code: 4403,
        reason: expect.stringContaining(`at most ${limits.connections}`),
      });
    });

    test('[S4] counts server-sent events, which are refused with 429 and a time', async () => {
      const token = await api.token(newUserId());
      const query = 'subscription { messageReceived { __typename } }';
      const streams = [await api.stream(token, { query }), await api.stream(token, { query })];
      await eventually(() => streams.every(({ results }) => results.length === 1));
      expect(await open(token)).toMatchObject({ code: 4403 });
      const third = await api.stream(token, { query });
      expect(third.status).toBe(429);
      expect(await third.ended).toBe('complete');
      expect(third.results[0]?.errors?.[0]?.extensions).toEqual({
        code: 'RATE_LIMITED',
        temporary: true,
        retryAfter: 10,
      });
      streams[0]?.abort();
      await eventually(async () => (await open(token)) === 'acknowledged');
    });

    test('[S4] has room again once one has left', async () => {
      const token = await api.token(newUserId());
      const [first] = [await api.connect(token), await api.connect(token)];
      expect(await open(token)).toMatchObject({ code: 4403 });
      first?.socket.close();
      await eventually(async () => (await open(token)) === 'acknowledged');
    });
  });

  test('[S4] subscriptions of a connection refuses the next one and keeps the others', async () => {
    const socket = await api.connect(await api.token(newUserId()));
    for (let n = 0; n < limits.subscriptions; n += 1) {
      socket.subscribe(`s${n}`, messageReceivedDocument);
      await socket.wait('next', `s${n}`);
    }
    socket.subscribe('more', messageReceivedDocument);
    expect((await socket.wait('error', 'more')).payload).toEqual([
      {
        message: expect.stringContaining(`at most ${limits.subscriptions}`),
        extensions: { code: 'RATE_LIMITED', temporary: true },
      },
    ]);
    socket.send({ type: 'complete', id: 's0' });
    await eventually(async () => {
      const id = newUserId('s');
      socket.subscribe(id, messageReceivedDocument);
      return (await eventually(() => socket.of(id)[0])).type === 'next';
    });
    expect(socket.of('s1').map(({ type }) => type)).toEqual(['next']);
  });
});

describe('a node', () => {
  test('[C11] that has as many connections as it may closes with 4291, which stock clients retry', async () => {
    const api = await startApi({ env: { EDAGENT_CONNECTIONS_MAX: '1' } });
    try {
      const first = await api.connect(await api.token(newUserId()));
      const second = await api.socket();
      second.send({
        type: 'connection_init',
        payload: { authorization: `Bearer ${await api.token(newUserId())}` },
      });
      expect((await second.closed).code).toBe(4291);
      const stock = api.stockClient(await api.token(newUserId()), { retryWait: async () => {} });
      const closes: number[] = [];
      stock.on('closed', (event) => {
        closes.push((event as { code: number }).code);
        if (closes.length === 2) first.socket.close();
      });
      const result = await new Promise((resolve, reject) => {
        stock.subscribe(
          { query: '{ viewer { role } }' },
          { next: resolve, error: reject, complete: () => {} },
        );
      });
      expect(result).toEqual({ data: { viewer: { role: 'LEARNER' } } });
      expect(new Set(closes)).toEqual(new Set([4291]));
    } finally {
      await api.dispose();
    }
  });
});
