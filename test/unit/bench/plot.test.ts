import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { barPlot } from '../../../bench/plot/bar-plot.ts';
import { linePlot } from '../../../bench/plot/line-plot.ts';
import { roundUp, toTicks } from '../../../bench/plot/ticks.ts';

const axis = { label: 'time', unit: 's' };

describe('an axis', () => {
  test('ends at or beyond the largest value and is divided by few round numbers inside it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e9, noNaN: true }), (largest) => {
        const to = roundUp(largest);
        expect(to).toBeGreaterThanOrEqual(largest);
        expect(to).toBeLessThanOrEqual(largest * 1.5);
        const ticks = toTicks(0, to);
        expect(ticks.length).toBeGreaterThanOrEqual(3);
        expect(ticks.length).toBeLessThanOrEqual(12);
        expect(ticks[0]).toBe(0);
      }),
    );
  });
});

describe('a plot', () => {
  test('names its axes with units and its series, as text and not as markup', () => {
    const svg = linePlot({
      title: 'a < b & c',
      x: { ...axis, from: 0 },
      y: { label: 'memory', unit: 'MB', from: 0 },
      series: [
        {
          name: 'resident',
          points: [
            [0, 1],
            [2, 3],
          ],
        },
      ],
      limits: [{ axis: 'y', at: 5, name: 'wanted' }],
    });
    for (const text of ['a &lt; b &amp; c', 'time (s)', 'memory (MB)', '>resident<', '>wanted<']) {
      expect(svg).toContain(text);
    }
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).not.toContain('NaN');
  });

  test('draws a bar as high as its value says', () => {
    const svg = barPlot({
      title: 'delays',
      x: { label: 'percentile', unit: '' },
      y: axis,
      groups: ['p50', 'p99'],
      series: [{ name: 'with', bars: [{ value: 10, low: 8, high: 12 }, { value: 20 }] }],
    });
    const heights = [
      ...svg.matchAll(/class="s0 fill" x="[\d.]+" y="[\d.]+" width="[\d.]+" height="([\d.]+)"\/>/g),
    ];
    const [low = 0, high = 0] = heights.map(([, height]) => Number(height));
    expect(heights).toHaveLength(2);
    expect(high / low).toBeCloseTo(2, 1);
    expect(svg).not.toContain('NaN');
  });

  test('refuses more series than there are colours', () => {
    const series = Array.from({ length: 6 }, (_, at) => ({ name: `${at}`, points: [] }));
    expect(() =>
      linePlot({ title: 'many', x: { ...axis, from: 0 }, y: { ...axis, from: 0 }, series }),
    ).toThrow('many: at most 5 series');
  });
});
