import { eventually } from '../support/eventually.ts';
import type { Cast } from './cast.ts';
import { countOpenAnswers } from './final-store.ts';
import type { Gauges, Recorder } from './history.ts';
import { type Measured, measure } from './measure.ts';
import type { World } from './world.ts';

export interface SettleOptions {
  readonly world: World;
  readonly cast: Cast;
  readonly recorder: Recorder;
}

const settleTimeoutMs = 30_000;
const quietMs = 1_500;
/** A node keeps idle links to its database for 30 s, each with a timer. */
const leftoverTimeoutMs = 45_000;
/** What comes back to where it was by itself. */
const comingBack = ['connections', 'redisChannels', 'sockets', 'timers'] as const;

const allReady = ({ cast }: SettleOptions): boolean =>
  cast.learners.every(({ devices }) => devices.every((device) => device.isReady));

/** Quiet, and everyone ready: one whose token ends just now has to come back once more. */
const waitForQuiet = async (options: SettleOptions): Promise<void> => {
  const { facts } = options.recorder.history;
  const lastAt = () => facts.findLast(({ kind }) => kind === 'received')?.atMs ?? 0;
  let known = lastAt();
  let since = performance.now();
  await eventually(
    () => {
      const last = lastAt();
      if (last !== known) since = performance.now();
      known = last;
      return performance.now() - since >= quietMs && allReady(options);
    },
    { timeoutMs: settleTimeoutMs, intervalMs: 50 },
  );
};

/** What is left over is for a checker to say; here is only the time that it may take until nothing is. */
const measureUntilBack = async ({ world, recorder }: SettleOptions): Promise<Measured[]> => {
  const baseline = recorder.history.facts.filter((fact) => fact.kind === 'measured');
  const gaugesOf = (facts: readonly Measured[], node: number | null): Gauges =>
    facts.find((fact) => fact.node === node)?.gauges ?? {};
  let last: Measured[] = [];
  const isBack = async (): Promise<boolean> => {
    last = await measure(world, 'end');
    return last.every(({ node, gauges }) => {
      const before = gaugesOf(baseline, node);
      return comingBack.every((gauge) => (gauges[gauge] ?? 0) <= (before[gauge] ?? 0));
    });
  };
  await eventually(isBack, { timeoutMs: leftoverTimeoutMs, intervalMs: 500 }).catch(() => {});
  return last;
};

/** Waits until everyone is ready and every answer is closed, then sends everyone home. @returns what did not happen in time. */
export const settle = async (options: SettleOptions): Promise<string[]> => {
  const { world, cast, recorder } = options;
  const problems: string[] = [];
  const expect = async (
    what: () => string,
    condition: () => boolean | Promise<boolean>,
    timeoutMs: number,
  ) => {
    await eventually(condition, { timeoutMs, intervalMs: 100 }).catch(() => problems.push(what()));
  };

  const late = () =>
    cast.learners.flatMap(({ devices }) => devices.filter(({ isReady }) => !isReady).map(({ name }) => name));
  const closed = async () => (await countOpenAnswers(world.postgres.url)) === 0;
  await Promise.all([
    expect(
      () => `not ready within ${settleTimeoutMs} ms: ${late().join(', ')}`,
      () => allReady(options),
      settleTimeoutMs,
    ),
    expect(() => `answers still open after ${settleTimeoutMs} ms`, closed, settleTimeoutMs),
  ]);
  await waitForQuiet(options).catch(() => problems.push('it never became quiet'));
  recorder.add({ kind: 'settled' });
  for (const { devices } of cast.learners) for (const device of devices) device.recordShown();
  await cast.dispose();

  for (const fact of await measureUntilBack(options)) recorder.add(fact);
  return problems;
};
