import { describe, expect, test } from '@jest/globals';
import { sidesTable } from '../../../bench/lib/sides-table.ts';

const quartiles = { rounds: 5, q1: 0.9, median: 1.034, q3: 1.2 };

describe('a table of contestants', () => {
  test('has a column for whatever was measured of any of them, with its unit', () => {
    const table = sidesTable({
      edagent: { title: 'EdAgent', ratio: quartiles, cpuMicros: null, deliveries: 12_000 },
      bareWs: {
        title: 'bare ws',
        ratio: quartiles,
        cpuMicros: { ...quartiles, median: 123.4 },
        deliveries: 3,
      },
    });
    expect(table.split('\n')).toEqual([
      '| | ratio | CPU | n |',
      '|---|---|---|---|',
      '| EdAgent | **1.03** (0.9 to 1.2) | – | 12,000 |',
      '| bare ws | **1.03** (0.9 to 1.2) | **123** µs (0.9 to 1.2) | 3 |',
    ]);
  });
});
