import { describe, expect, test } from '@jest/globals';
import { messageReceivedDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { collect, newUserId } from '../../support/test-app.ts';
import { startApi } from './harness.ts';

/** What keeps a process alive. */
const handles = (): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    if (name === 'Timeout' || name.startsWith('TCP')) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

describe('a node that stops', () => {
  test('[C9] closes sockets with 1001, breaks events off, answers no more, and leaves nothing behind', async () => {
    const before = handles();
    const api = await startApi();
    const token = await api.token(newUserId());
    const acknowledged = await api.connect(token);
    acknowledged.subscribe('s', messageReceivedDocument);
    await acknowledged.wait('next', 's');
    const silent = await api.socket();
    const stream = await api.stream(token, { query: messageReceivedDocument });
    await eventually(() => stream.results.length === 1);
    const codes: number[] = [];
    const client = api.stockClient(token, { retryAttempts: 0 });
    client.on('closed', (event) => codes.push((event as { code: number }).code));
    const received = collect(client, messageReceivedDocument);
    await eventually(() => received.results.length === 1);

    const disposing = api.app.dispose();
    expect(await acknowledged.closed).toMatchObject({
      code: 1001,
      reason: expect.stringContaining('connect again'),
    });
    expect((await silent.closed).code).toBe(1001);
    expect(await stream.ended).toBe('broken');
    await disposing;
    await received.ended;
    expect(codes).toEqual([1001]);
    await expect(fetch(api.url)).rejects.toThrow();
    await api.dispose();
    // Agents keep the sockets of requests for a while; all else is gone at once.
    await eventually(() => {
      const now = handles();
      return Object.entries(now).every(([name, count]) => count <= (before[name] ?? 0));
    });
  });

  test('[C9] does not wait for a peer that never answers its close', async () => {
    const api = await startApi();
    const socket = await api.connect(await api.token(newUserId()));
    const stuck = (socket.socket as unknown as { _socket: { pause(): void } })._socket;
    stuck.pause();
    const begun = performance.now();
    await api.app.dispose();
    expect(performance.now() - begun).toBeLessThan(4_000);
    await api.dispose();
  });
});
