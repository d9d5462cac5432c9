import { barPlot } from '../plot/bar-plot.ts';
import { contestantNames } from './contestants.ts';
import type { DeliveriesMeasured, DeliveryOptions } from './deliveries.ts';
import type { Plot, Verdict } from './question.ts';

/** What the questions about deliveries have in common. */

/** Starting, connecting and warming up six contestants. */
const preparationMs = 240_000;

export const limitOfDeliveries = ({
  rounds,
  seconds,
  warmUpSeconds,
  bursts = 0,
  burst = 0,
}: DeliveryOptions): number =>
  preparationMs +
  contestantNames.length *
    (3_000 * (rounds * (seconds + 2) + warmUpSeconds) + rounds * bursts * (500 + burst * 10));

export const judgeDeliveries = ({ sides }: DeliveriesMeasured, atMost: number): Verdict[] => {
  const { ratio, missing } = sides.edagent;
  return [
    {
      wanted: `CPU of the server a delivery at most ${atMost} times that of bare ws`,
      measured: `${ratio.median} times (quartiles ${ratio.q1} to ${ratio.q3} of ${ratio.rounds} rounds)`,
      isMet: ratio.median <= atMost,
    },
    { wanted: 'nothing lost', measured: `${missing} deliveries missing`, isMet: missing === 0 },
  ];
};

export const plotDeliveries = ({ sides }: DeliveriesMeasured, file: string, title: string): Plot => {
  const all = contestantNames.map((name) => sides[name]);
  return {
    file,
    svg: barPlot({
      title,
      x: { label: 'median of the rounds, whiskers: quartiles', unit: '' },
      y: { label: 'CPU of the server a delivery', unit: 'µs' },
      groups: all.map((side) => side.title),
      series: [
        {
          name: 'CPU',
          bars: all.map(({ cpuMicros: { median, q1, q3 } }) => ({ value: median, low: q1, high: q3 })),
        },
      ],
    }),
  };
};
