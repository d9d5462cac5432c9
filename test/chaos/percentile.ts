/** The smallest of the values that so many of a hundred do not exceed; 0 of none. */
export const percentile = (values: readonly number[], hundredths: number): number => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((hundredths / 100) * sorted.length) - 1)] ?? 0;
};
