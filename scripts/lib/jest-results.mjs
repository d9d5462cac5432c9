import { relative, sep } from 'node:path';
import { root } from './project.mjs';

const noCounts = () => ({ passed: 0, failed: 0, skipped: 0, ms: 0 });

const statuses = {
  passed: 'passed',
  failed: 'failed',
  pending: 'skipped',
  todo: 'skipped',
  skipped: 'skipped',
  disabled: 'skipped',
};

/**
 * Sums the file that `jest --json` wrote. A suite that could not run counts as one failed test: it holds none that jest
 * could count.
 */
export const toSummary = ({ testResults }, folder = root) => {
  const total = noCounts();
  const byProject = {};
  const failures = [];
  for (const { name, assertionResults, status, message, startTime, endTime } of testResults) {
    const project = relative(folder, name).split(sep)[1];
    byProject[project] ??= noCounts();
    const add = (kind, count) => {
      total[kind] += count;
      byProject[project][kind] += count;
    };
    for (const result of assertionResults) add(statuses[result.status] ?? 'failed', 1);
    const failed = assertionResults.filter((result) => result.status === 'failed').length;
    if (status === 'failed' && failed === 0) add('failed', 1);
    if (status === 'failed') failures.push(`${relative(folder, name)}\n${message}`);
    add('ms', Math.max(0, endTime - startTime));
  }
  return { total, byProject, failures };
};

export const addCounts = (a, b) =>
  Object.fromEntries(Object.keys(noCounts()).map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]));

export const toCountsText = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;
