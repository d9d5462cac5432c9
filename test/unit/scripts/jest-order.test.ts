import { describe, expect, test } from '@jest/globals';
import { inOrder } from '../../../scripts/lib/jest-order.mjs';

describe('the order of test files', () => {
  test('those that take long come first, then the larger ones', () => {
    const sizes: Record<string, number> = {
      'a/small.test.ts': 1,
      'a/large.test.ts': 9,
      'b/small.long.test.ts': 2,
      'b/large.long.test.ts': 3,
    };
    expect(inOrder(Object.keys(sizes), (path: string) => sizes[path] ?? 0)).toEqual([
      'b/large.long.test.ts',
      'b/small.long.test.ts',
      'a/large.test.ts',
      'a/small.test.ts',
    ]);
  });
});
