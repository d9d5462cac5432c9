import { type RatePoint, rateHistoryMs, rateIntervalMs } from './port.ts';

/** Counts what happens on this node, and closes one point every `rateIntervalMs`, at the same moments on every node. */
export interface Rates {
  countMessage(): void;
  countDelta(): void;
  countAnswer(): void;
  countBroadcast(): void;
  countFirstToken(ms: number): void;
  /** The last closed points of this node, oldest first. */
  readonly points: readonly RatePoint[];
  dispose(): void;
}

type Gauges = Pick<RatePoint, 'connections' | 'userCount' | 'answersInProgress'>;

export interface RatesOptions {
  readonly now: () => Date;
  /** What is so on this node at the end of an interval. */
  readonly gauges: () => Gauges;
  readonly onPoint: (point: RatePoint) => void;
}

const noCounts = { messages: 0, deltas: 0, answers: 0, broadcasts: 0, firstTokenMs: 0, firstTokens: 0 };

export const emptyPoint = (at: string): RatePoint => ({
  at,
  connections: 0,
  userCount: 0,
  answersInProgress: 0,
  ...noCounts,
});

const intervalOf = (ms: number): number => Math.floor(ms / rateIntervalMs) * rateIntervalMs;

export const createRates = ({ now, gauges, onPoint }: RatesOptions): Rates => {
  const points: RatePoint[] = [];
  const counts = { ...noCounts };
  let begin = intervalOf(now().getTime());
  let timer: NodeJS.Timeout;

  const closePoint = (): void => {
    const point = { at: new Date(begin).toISOString(), ...gauges(), ...counts };
    Object.assign(counts, noCounts);
    points.push(point);
    if (points.length > rateHistoryMs / rateIntervalMs) points.shift();
    onPoint(point);
    // A timer may fire a little early: never the same interval twice, otherwise its connections count twice.
    begin = Math.max(begin + rateIntervalMs, intervalOf(now().getTime()));
    schedule();
  };

  const schedule = (): void => {
    timer = setTimeout(closePoint, Math.max(0, begin + rateIntervalMs - now().getTime()));
  };
  schedule();

  return {
    countMessage() {
      counts.messages += 1;
    },
    countDelta() {
      counts.deltas += 1;
    },
    countAnswer() {
      counts.answers += 1;
    },
    countBroadcast() {
      counts.broadcasts += 1;
    },
    countFirstToken(ms) {
      counts.firstTokens += 1;
      counts.firstTokenMs += ms;
    },
    points,
    dispose() {
      clearTimeout(timer);
    },
  };
};
