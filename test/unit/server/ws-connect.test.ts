import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { AuthToken } from '../../../src/server/auth.ts';
import { createConnect } from '../../../src/server/ws-connect.ts';
import type { SocketState } from '../../../src/server/ws-state.ts';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const tokenOf = (lifeMs: number): AuthToken =>
  ({ userId: 'ada', name: 'Ada', role: 'LEARNER', expiresAt: new Date(Date.now() + lifeMs) }) as AuthToken;

/** A socket that was let in, with a token that lives for a minute. */
const letIn = async () => {
  const closes: number[] = [];
  const state = {
    userAgent: null,
    messagesOut: 0,
    socket: { close: (code: number) => closes.push(code) },
    connected: null,
    isClosed: false,
  } as unknown as SocketState;
  const connect = createConnect({
    auth: { authenticate: async () => tokenOf(60_000) } as never,
    services: {
      accounts: { load: async () => ({}) },
      connections: { nodeId: 'node', register: async () => ({ id: 'one', remove() {} }) },
      limits: {},
    } as never,
  });
  await connect(state, { authorization: 'Bearer token' });
  if (!state.connected) throw new Error('it was not let in');
  return { connected: state.connected, closes };
};

test('[A7] a renewed token moves the end of the connection', async () => {
  const { connected, closes } = await letIn();
  connected.live.renew(tokenOf(120_000));
  await jest.advanceTimersByTimeAsync(119_000);
  expect(closes).toEqual([]);
  await jest.advanceTimersByTimeAsync(2_000);
  expect(closes).toEqual([4403]);
});

test('a renewal that ends after its socket leaves no timer behind', async () => {
  const { connected } = await letIn();
  connected.cancelExpiry();
  connected.live.renew(tokenOf(120_000));
  expect(jest.getTimerCount()).toBe(0);
});
