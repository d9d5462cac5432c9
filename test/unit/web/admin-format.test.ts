import { describe, expect, test } from '@jest/globals';
import {
  counted,
  formatAge,
  formatBytes,
  formatCompact,
  formatDurationMs,
  formatRate,
  shortId,
} from '../../../web/src/admin/format.ts';
import { metrics, toPeriod, toPlotText } from '../../../web/src/admin/metrics.ts';

describe('what the admin page says', () => {
  test.each([
    [0, '0'],
    [0.2, '0.2'],
    [0.254, '0.25'],
    [3.14, '3.1'],
    [41.6, '42'],
    [12_345.6, '12,346'],
  ])('a rate of %p is %p', (rate, text) => expect(formatRate(rate)).toBe(text));

  test.each([
    [0, '0 ms'],
    [340.4, '340 ms'],
    [999.7, '1 s'],
    [1_240, '1.2 s'],
    [12_400, '12 s'],
    [90_000, '1.5 min'],
  ])('%p milliseconds are %p', (ms, text) => expect(formatDurationMs(ms)).toBe(text));

  test.each([
    [-5_000, '0 s'],
    [59_000, '59 s'],
    [61_000, '1 min'],
    [7_500_000, '2 h 5 min'],
    [183_600_000, '2 d 3 h'],
  ])('%p milliseconds of age are %p', (ms, text) => expect(formatAge(ms)).toBe(text));

  test.each([
    [152 * 1_048_576, '152 MB'],
    [1.5 * 1_073_741_824, '1.5 GB'],
  ])('%p bytes are %p', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test('large numbers are short on an axis', () => expect(formatCompact(12_300)).toBe('12.3K'));

  test('ids are told apart by their ends', () => {
    expect(shortId('0193a1b2-0000-7000-8000-0000cafe1234')).toBe('…cafe1234');
    expect(shortId('node-1')).toBe('node-1');
  });

  test('one is singular', () => {
    expect(counted(1, 'connection')).toBe('1 connection');
    expect(counted(1_200, 'connection')).toBe('1,200 connections');
  });
});

describe('a plot in words', () => {
  const windowBegin = Date.parse('2030-01-31T12:00:00Z');
  const connections = metrics.find(({ metric }) => metric === 'connections');
  if (!connections) throw new Error('there is no plot of the connections');

  test('says the latest, the lowest and the highest value', () => {
    const summary = { current: 12, lowest: 3, highest: 1_020, since: windowBegin };
    expect(toPlotText(connections, summary, windowBegin)).toBe(
      'Connections: now 12, lowest 3, highest 1,020 in 15 minutes',
    );
  });

  test('says so when it does not reach back 15 minutes', () => {
    const summary = { current: 1, lowest: 1, highest: 1, since: windowBegin + 600_000 };
    expect(toPeriod(summary, windowBegin)).toMatch(/^since /);
  });

  test('says so when there is nothing to show', () => {
    expect(toPlotText(connections, null, windowBegin)).toBe('Connections: nothing to show yet');
  });
});
