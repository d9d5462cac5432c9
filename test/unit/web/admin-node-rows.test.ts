import { describe, expect, test } from '@jest/globals';
import { isGone, type NodeRow, withNodes } from '../../../web/src/admin/node-rows.ts';
import type { NodeStatus, Status } from '../../../web/src/admin/status-points.ts';
import { toRates } from './admin-samples.ts';

const beganAt = Date.parse('2030-01-31T12:00:00.000Z');
const timeAt = (minute: number): string => new Date(beganAt + minute * 60_000).toISOString();

const node = (id: string, more: Partial<NodeStatus> = {}): NodeStatus => ({
  id,
  version: '1.0.0',
  startedAt: timeAt(0),
  connectionCount: 1,
  userCount: 1,
  answersInProgress: 0,
  residentBytes: 1,
  isDraining: false,
  ...more,
});

const statusAt = (minute: number, nodes: readonly NodeStatus[]): Status => ({
  at: timeAt(minute),
  connectionCount: nodes.length,
  userCount: 1,
  nodes: [...nodes],
  rates: toRates(timeAt(minute)),
});

/** The states of all rows after these statuses, one a minute. */
const after = (...told: (readonly NodeStatus[])[]): string[] => {
  let rows: readonly NodeRow[] = [];
  for (const [minute, nodes] of told.entries()) rows = withNodes(rows, statusAt(minute, nodes));
  return rows.map((row) => `${row.node.id} ${row.state} ${row.heardAt === timeAt(told.length - 1)}`);
};

describe('the rows of nodes', () => {
  test('are those that the status tells of', () => {
    expect(after([node('a'), node('b', { isDraining: true })])).toEqual([
      'a serving true',
      'b draining true',
    ]);
  });

  test('keep a node that left without a word, and say that it is silent', () => {
    expect(after([node('a'), node('b')], [node('a')])).toEqual(['a serving true', 'b silent false']);
    expect(after([node('a'), node('b')], [node('a')], [node('a')])).toEqual([
      'a serving true',
      'b silent false',
    ]);
  });

  test('tell one that drained before it left from one that died', () => {
    const draining = node('b', { isDraining: true });
    expect(after([node('a'), node('b')], [node('a'), draining], [node('a')])).toEqual([
      'a serving true',
      'b stopped false',
    ]);
  });

  test('take back what is told of again', () => {
    expect(after([node('a'), node('b')], [node('a')], [node('a'), node('b')])).toEqual([
      'a serving true',
      'b serving true',
    ]);
  });

  test('forget what left more than 15 minutes ago', () => {
    const rows = withNodes([], statusAt(0, [node('a'), node('b')]));
    const later = withNodes(rows, statusAt(15, [node('a')]));
    expect(later.map(isGone)).toEqual([false, true]);
    expect(withNodes(later, statusAt(16, [node('a')])).map((row) => row.node.id)).toEqual(['a']);
  });
});
