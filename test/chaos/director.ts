import { sleep } from '../../src/util/sleep.ts';
import { createRandom } from '../support/random.ts';
import type { Cast } from './cast.ts';
import { faults } from './faults.ts';
import type { FaultKind, Recorder } from './history.ts';
import type { Plan, PlannedFault } from './plan.ts';
import type { World } from './world.ts';

/** What one of a lane strikes must stand again before the next one does. */
const laneOf = ({ fault, target }: PlannedFault): string | null => {
  if (fault.startsWith('node-') || fault === 'rolling-restart') return 'nodes';
  if (fault.startsWith('network-')) return target.kind === 'node' ? `network ${target.node}` : 'networks';
  return /^(?:redis|store|model)-/.exec(fault)?.[0] ?? null;
};

const strikesOneNode = (kind: FaultKind): boolean => /^(?:node|network)-|-link-/.test(kind);

export interface DirectorOptions {
  readonly plan: Plan;
  readonly world: World;
  readonly cast: Cast;
  readonly recorder: Recorder;
  /** The answer to a message of the run, by its clientMessageId. */
  readonly answerTo: (question: string) => string | undefined;
  readonly problems: string[];
}

const targetNode = ({ target }: PlannedFault, { nodes, model }: World): number => {
  const wanted = target.kind === 'all' ? 0 : target.node;
  if (target.kind !== 'producer') return wanted;
  const busiest = nodes.reduce((best, node) =>
    model.openQuestions(node.index).length > model.openQuestions(best.index).length ? node : best,
  );
  return model.openQuestions(busiest.index).length > 0 ? busiest.index : wanted;
};

/** Plays the plan; resolves when every fault is undone. */
export const playPlan = async (options: DirectorOptions): Promise<void> => {
  const { plan, world, cast, recorder, answerTo, problems } = options;
  const begin = performance.now();
  const lanes = new Map<string, Promise<void>>();

  const strike = async (planned: PlannedFault): Promise<void> => {
    const { id, fault, durationMs } = planned;
    const node = targetNode(planned, world);
    const answers = world.model
      .openQuestions(node)
      .map(answerTo)
      .filter((answer) => answer !== undefined);
    const isOfNode = strikesOneNode(fault);
    recorder.add({ kind: 'fault-begin', faultId: id, fault, ...(isOfNode ? { node, answers } : {}) });
    try {
      await faults[fault]({ world, cast, node, durationMs, random: createRandom(plan.seed * 65_537 + id) });
    } catch (error) {
      problems.push(`fault ${id} ${fault}: ${String(error)}`);
    }
    recorder.add({ kind: 'fault-end', faultId: id });
  };

  const running: Promise<void>[] = [];
  for (const planned of plan.faults) {
    await sleep(Math.max(0, begin + planned.atMs - performance.now()));
    const lane = laneOf(planned);
    const before = (lane === null ? undefined : lanes.get(lane)) ?? Promise.resolve();
    const done = before.then(() => strike(planned));
    if (lane !== null) lanes.set(lane, done);
    running.push(done);
  }
  await Promise.all(running);
};
