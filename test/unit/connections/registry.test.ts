import { describe, expect, test } from '@jest/globals';
import { createRegistry, type Registry } from '../../../src/connections/registry.ts';

const open = (registry: Registry, id: string) => {
  const sent = { messagesOut: 0 };
  const connection = registry.add({
    id,
    userId: `user of ${id}`,
    userName: 'Ada',
    transport: 'WEBSOCKET',
    userAgent: null,
    close() {},
    sent,
  });
  return { connection, sent };
};

const create = (): Registry =>
  createRegistry({ nodeId: 'node', now: () => new Date('2030-01-01T00:00:00Z'), onRemove() {} });

const idsOf = (changed: ReturnType<Registry['takeChanged']>): string[] => changed.map(({ id }) => id);

/** Calls until each connection had its turn. */
const turns = 10;

describe('what presence is told of connections', () => {
  test('what came in and what was subscribed to at the next call, and once', () => {
    const registry = create();
    const { connection } = open(registry, 'a');
    open(registry, 'b');
    connection.countIn();
    expect(idsOf(registry.takeChanged())).toEqual(['a']);
    connection.subscriptionBegan();
    expect(registry.takeChanged()).toMatchObject([{ id: 'a', messagesIn: 1, subscriptionCount: 1 }]);
    expect(registry.takeChanged()).toEqual([]);
  });

  test('what was sent in turns: each connection once in ten calls, with the count of then', () => {
    const registry = create();
    const opened = Array.from({ length: 2 * turns }, (_, at) => open(registry, `c${at}`));
    const told: string[] = [];
    for (let call = 0; call < turns; call++) {
      for (const { sent } of opened) sent.messagesOut += 1;
      const changed = registry.takeChanged();
      expect(changed.map(({ messagesOut }) => messagesOut)).toEqual([call + 1, call + 1]);
      told.push(...idsOf(changed));
    }
    expect(new Set(told)).toEqual(new Set(opened.map((_, at) => `c${at}`)));
    expect(told).toHaveLength(opened.length);
  });

  test('what was sent with anything else that changed', () => {
    const registry = create();
    const { connection, sent } = open(registry, 'a');
    sent.messagesOut = 5;
    connection.countIn();
    expect(registry.takeChanged()).toMatchObject([{ messagesOut: 5 }]);
  });
});
