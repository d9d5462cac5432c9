/** Round numbers that divide a range into about so many parts. */
export const toTicks = (from: number, to: number, about = 6): number[] => {
  const rough = (to - from) / about;
  if (!(rough > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
};

/** The end of an axis that holds the largest value: a round number. */
export const roundUp = (value: number): number => {
  const ticks = toTicks(0, value * 1.25 || 1);
  return ticks.find((tick) => tick >= value) ?? value;
};

export const formatNumber = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: 2 });
