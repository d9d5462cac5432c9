import { describe, expect, test } from '@jest/globals';
import type { ConnectionInfo } from '../../../src/connections/port.ts';
import { createPresenceWriter } from '../../../src/connections/presence-writer.ts';

const infoOf = (id: string, messagesIn = 0): ConnectionInfo => ({
  id,
  nodeId: 'one',
  userId: 'ada',
  userName: 'Ada',
  transport: 'WEBSOCKET',
  userAgent: null,
  connectedAt: '2026-01-01T00:00:00.000Z',
  lastActivityAt: '2026-01-01T00:00:00.000Z',
  messagesIn,
  messagesOut: 0,
  subscriptionCount: 0,
});

/** Each write waits until `go` is called. */
const begin = () => {
  const here = new Map<string, ConnectionInfo>();
  const writes: string[] = [];
  const failures: unknown[] = [];
  let gates: ((error?: Error) => void)[] = [];
  const note = (what: string, ids: readonly { id: string }[]): Promise<void> => {
    writes.push(`${what} ${ids.length > 5 ? ids.length : ids.map(({ id }) => id).join(' ')}`);
    return new Promise((resolve, reject) => gates.push((error) => (error ? reject(error) : resolve())));
  };
  const writer = createPresenceWriter({
    presence: { put: (infos) => note('put', infos), remove: (names) => note('remove', names) },
    registry: { find: (id) => here.get(id) ?? null },
    onFailure: (error) => failures.push(error),
  });
  return {
    here,
    writes,
    failures,
    writer,
    add(id: string) {
      here.set(id, infoOf(id));
      writer.touch({ id, userId: 'ada' });
    },
    remove(id: string) {
      here.delete(id);
      writer.touch({ id, userId: 'ada' });
    },
    async go(error?: Error) {
      const opened = gates;
      gates = [];
      for (const open of opened) open(error);
      await new Promise(setImmediate);
    },
  };
};

describe('a presence writer', () => {
  test('writes at once, and then all that came meanwhile by one write', async () => {
    const { add, go, writes } = begin();
    for (const id of ['a', 'b', 'c']) add(id);
    expect(writes).toEqual(['put a']);
    await go();
    expect(writes).toEqual(['put a', 'put b c']);
  });

  test('never puts a connection that has left by then', async () => {
    const { add, remove, go, writes } = begin();
    for (const id of ['a', 'b', 'c']) add(id);
    remove('b');
    remove('a');
    await go();
    await go();
    expect(writes).toEqual(['put a', 'put c', 'remove b a']);
  });

  test('goes on after a write that failed', async () => {
    const { add, go, writes, failures } = begin();
    for (const id of ['a', 'b']) add(id);
    await go(new Error('away'));
    expect([writes, failures]).toEqual([['put a', 'put b'], [new Error('away')]]);
  });

  test('bounds a write', async () => {
    const { add, go, writes } = begin();
    for (let at = 0; at < 1_201; at++) add(`c${at}`);
    for (let at = 0; at < 3; at++) await go();
    expect(writes).toEqual(['put c0', 'put 500', 'put 500', 'put 200']);
  });

  test('writes nothing more once it is disposed', async () => {
    const { add, go, writes, writer } = begin();
    for (const id of ['a', 'b']) add(id);
    const disposed = writer.dispose();
    await go();
    await disposed;
    expect(writes).toEqual(['put a']);
  });
});
