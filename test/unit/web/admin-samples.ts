import type { Rates } from '../../../web/src/admin/status-points.ts';

/** Of an interval in which one user was connected and nothing happened. */
export const toRates = (at: string, change: Partial<Rates> = {}): Rates => ({
  at,
  connections: 1,
  userCount: 1,
  answersInProgress: 0,
  messages: 0,
  deltas: 0,
  broadcasts: 0,
  timeToFirstTokenMs: null,
  ...change,
});
