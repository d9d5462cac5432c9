import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Client } from 'graphql-ws';
import { authorizationOf, renewTokens } from '../../../client/src/renewal.ts';

interface Sent {
  readonly id: string;
  readonly payload: { readonly variables: { readonly token: string } };
}

/** What `renewTokens` hears of graphql-ws, and says to the socket. */
const createWire = () => {
  const listeners = new Map<string, (...args: unknown[]) => void>();
  const sent: Sent[] = [];
  const client = {
    on(event: string, listener: (...args: unknown[]) => void) {
      listeners.set(event, listener);
      return () => listeners.delete(event);
    },
  } as unknown as Client;
  const tell = (event: string, ...args: unknown[]) => listeners.get(event)?.(...args);
  return {
    client,
    sent,
    connect(lifeMs: number, serverNow = Date.parse('2020-01-01')) {
      const at = (ms: number) => new Date(serverNow + ms).toISOString();
      const socket = { send: (data: string) => sent.push(JSON.parse(data)) };
      tell('connected', socket, { serverTime: at(0), tokenExpiresAt: at(lifeMs) });
    },
    acknowledge: (payload?: unknown) => tell('connected', { send: () => {} }, payload),
    /** To the last that was sent, or to the one with this index. */
    answer(payload: unknown, index = sent.length - 1) {
      tell('message', { type: 'next', id: sent[index]?.id, payload });
    },
    renewed: (ms: number, serverNow = Date.parse('2020-01-01')) => ({
      data: { renewAuth: { expiresAt: new Date(serverNow + ms).toISOString() } },
    }),
    close: () => tell('closed'),
  };
};

const hour = 3_600_000;

beforeEach(() => {
  jest.useFakeTimers();
  // Without jitter: at 80 %.
  jest.spyOn(Math, 'random').mockReturnValue(0);
});

afterEach(() => {
  jest.useRealTimers();
});

const advance = (ms: number) => jest.advanceTimersByTimeAsync(ms);
const tokensOf = (sent: readonly Sent[]) => sent.map(({ payload }) => payload.variables.token);

describe('renewTokens', () => {
  test('sends a new token at 80 % of the life by the server’s clock, and again at 80 % of the next', async () => {
    const wire = createWire();
    let count = 0;
    renewTokens(wire.client, () => `token ${++count}`);
    wire.connect(hour);
    await advance(0.8 * hour - 1);
    expect(wire.sent).toEqual([]);
    await advance(1);
    expect(tokensOf(wire.sent)).toEqual(['token 1']);
    wire.answer(wire.renewed(1.8 * hour));
    await advance(0.8 * hour - 1);
    expect(wire.sent).toHaveLength(1);
    await advance(1);
    expect(tokensOf(wire.sent)).toEqual(['token 1', 'token 2']);
  });

  test('jitter brings it forward by at most 5 % of the life', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const wire = createWire();
    renewTokens(wire.client, () => 'token');
    wire.connect(hour);
    await advance(0.75 * hour - 1);
    expect(wire.sent).toEqual([]);
    await advance(2);
    expect(wire.sent).toHaveLength(1);
  });

  const failing: [string, (wire: ReturnType<typeof createWire>) => unknown][] = [
    ['is refused', (wire) => wire.answer({ errors: [{ message: 'UNAUTHENTICATED' }], data: null })],
    ['gets no answer', () => {}],
    ['does not end later', (wire) => wire.answer(wire.renewed(hour))],
  ];

  test.each(failing)(
    'a token that %s is followed by others until the old one has ended',
    async (_, settle) => {
      const wire = createWire();
      renewTokens(wire.client, () => 'token');
      wire.connect(hour);
      await advance(0.8 * hour);
      settle(wire);
      // A tenth of what was left.
      await advance(0.02 * hour);
      expect(wire.sent).toHaveLength(2);
      await advance(hour);
      const { length } = wire.sent;
      expect(length).toBeGreaterThan(10);
      expect(length).toBeLessThan(80);
      expect(new Set(wire.sent.map(({ id }) => id)).size).toBe(length);
      expect(jest.getTimerCount()).toBe(0);
    },
  );

  test.each([
    [
      'throws',
      () => {
        throw new Error('offline');
      },
    ],
    ['rejects', () => Promise.reject(new Error('offline'))],
    ['gives nothing', () => undefined],
  ])('a source that %s is asked again, and nothing is sent', async (_, source) => {
    const wire = createWire();
    const nextToken = jest.fn<() => unknown>(source);
    renewTokens(wire.client, nextToken);
    wire.connect(hour);
    await advance(0.9 * hour);
    expect(nextToken.mock.calls.length).toBeGreaterThan(2);
    expect(wire.sent).toEqual([]);
    nextToken.mockReturnValue('token');
    await advance(0.02 * hour);
    expect(tokensOf(wire.sent)).toContain('token');
  });

  test.each([
    ['the socket is gone', (wire: ReturnType<typeof createWire>) => wire.close()],
    ['it is stopped', (_: unknown, stop: () => void) => stop()],
  ])('leaves no timer and sends nothing once %s, also in the middle of asking', async (_, end) => {
    const wire = createWire();
    const stop = renewTokens(wire.client, () => 'token');
    wire.connect(hour);
    end(wire, stop);
    expect(jest.getTimerCount()).toBe(0);

    wire.connect(hour);
    let give = (_token: string) => {};
    const asking = new Promise<string>((resolve) => {
      give = resolve;
    });
    const other = createWire();
    const stopOther = renewTokens(other.client, () => asking);
    other.connect(hour);
    await advance(0.8 * hour);
    end(other, stopOther);
    end(wire, stop);
    give('late');
    await advance(hour);
    expect(other.sent).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('an answer that comes after the end arms nothing', async () => {
    const wire = createWire();
    const stop = renewTokens(wire.client, () => 'token');
    wire.connect(hour);
    await advance(0.8 * hour);
    stop();
    wire.answer(wire.renewed(9 * hour));
    expect(jest.getTimerCount()).toBe(0);
  });

  test('an answer on an earlier socket says nothing of the next one', async () => {
    const wire = createWire();
    renewTokens(wire.client, () => 'token');
    wire.connect(hour);
    await advance(0.8 * hour);
    wire.close();
    wire.connect(hour);
    wire.answer(wire.renewed(99 * hour), 0);
    await advance(0.8 * hour);
    expect(wire.sent).toHaveLength(2);
  });

  test('a token of a year is renewed without a storm', async () => {
    const wire = createWire();
    renewTokens(wire.client, () => 'token');
    wire.connect(365 * 24 * hour);
    await advance(23 * 24 * hour);
    expect(wire.sent).toEqual([]);
    await advance(24 * hour);
    expect(wire.sent).toHaveLength(1);
  });

  test.each([[undefined], [{}], [{ serverTime: 'now', tokenExpiresAt: 'later' }]])(
    'a server that says nothing of the token (%j) is asked nothing',
    async (payload) => {
      const wire = createWire();
      renewTokens(wire.client, () => 'token');
      wire.acknowledge(payload);
      expect(jest.getTimerCount()).toBe(0);
    },
  );
});

describe('authorizationOf', () => {
  test.each(['authorization', 'Authorization', 'AUTHORIZATION'])('takes it from %s', (key) => {
    expect(authorizationOf({ other: 1, [key]: 'Bearer x' })).toBe('Bearer x');
  });

  test.each([[undefined], [null], [{}], [{ token: 'x' }]])('%j holds none', (params) => {
    expect(authorizationOf(params)).toBeUndefined();
  });
});
