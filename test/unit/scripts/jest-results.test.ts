import { describe, expect, test } from '@jest/globals';
import { toCountsText, toSummary } from '../../../scripts/lib/jest-results.mjs';

const suite = (name: string, statuses: string[], rest: object = {}) => ({
  name: `/project/test/${name}`,
  assertionResults: statuses.map((status) => ({ status })),
  status: statuses.includes('failed') ? 'failed' : 'passed',
  message: 'why',
  startTime: 1_000,
  endTime: 1_500,
  ...rest,
});

describe('the summary of a run', () => {
  test('adds up all suites, and those of each project', () => {
    const { total, byProject, failures } = toSummary(
      {
        testResults: [
          suite('unit/a.test.ts', ['passed', 'passed', 'todo']),
          suite('unit/b.test.ts', ['passed', 'failed']),
          suite('e2e/c.test.ts', ['pending']),
        ],
      },
      '/project',
    );
    expect(toCountsText(total)).toBe('3 passed, 1 failed, 2 skipped');
    expect(byProject).toEqual({
      unit: { passed: 3, failed: 1, skipped: 1, ms: 1_000 },
      e2e: { passed: 0, failed: 0, skipped: 1, ms: 500 },
    });
    expect(failures).toEqual(['test/unit/b.test.ts\nwhy']);
  });

  test('counts a suite that could not run as one failed test', () => {
    const broken = suite('unit/a.test.ts', [], { status: 'failed' });
    expect(toSummary({ testResults: [broken] }, '/project').total.failed).toBe(1);
  });
});
