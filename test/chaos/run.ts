import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { saveResult } from '../../bench/lib/result.ts';
import { createCast } from './cast.ts';
import { bounds } from './checkers/bounds.ts';
import { playPlan } from './director.ts';
import { readFinalStore } from './final-store.ts';
import { createRecorder, type FinalStore, type Recorder } from './history.ts';
import { measure } from './measure.ts';
import { createPlan, type Plan, printPlan } from './plan.ts';
import { judgeRun } from './report.ts';
import { settle } from './settle.ts';
import { type Summary, toSections } from './table.ts';
import { startWorld, type World } from './world.ts';

/** `npm run chaos -- --seed N --seconds S --nodes K [--learners L] [--recovery-p99-ms M] [--save FILE] [--results FOLDER]` */

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    nodes: { type: 'string', default: '3' },
    learners: { type: 'string', default: '60' },
    /** Within which 99 of 100 are back: longer where other work shares the machine. */
    'recovery-p99-ms': { type: 'string', default: `${bounds.recoveryP99Ms}` },
    /** A file for the history and the final store, as JSON. */
    save: { type: 'string' },
    /** A folder for what docs/reliability.md is made of. */
    results: { type: 'string' },
  },
});

const seed = Number(values.seed);
const seconds = Number(values.seconds);
const nodeCount = Number(values.nodes);
const learnerCount = Number(values.learners);
/** What two cores carry beside everything else. */
const actionsPerSecond = Math.min(8, Math.max(3, learnerCount / 8));
const authorityEveryMs = 3_000;
const lagEveryMs = 250;
const smallLagMs = 20;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** The answer that each message got, by its clientMessageId. */
const indexAnswers = (inner: Recorder) => {
  const answers = new Map<string, string>();
  const recorder: Recorder = {
    history: inner.history,
    add(fact) {
      if (fact.kind === 'send-acknowledged' && fact.answerId)
        answers.set(fact.clientMessageId, fact.answerId);
      inner.add(fact);
    },
  };
  return { recorder, answerTo: (question: string) => answers.get(question) };
};

const watchLag = (recorder: Recorder): (() => void) => {
  let expected = performance.now() + lagEveryMs;
  const timer = setInterval(() => {
    const lagMs = performance.now() - expected;
    if (lagMs > smallLagMs) recorder.add({ kind: 'runner-lag', lagMs });
    expected = performance.now() + lagEveryMs;
  }, lagEveryMs);
  return () => clearInterval(timer);
};

interface Stage {
  readonly plan: Plan;
  readonly world: World;
  readonly recorder: Recorder;
  readonly answerTo: (question: string) => string | undefined;
}

/** @returns what the store holds at the end, and what went wrong beside what the checkers see. */
const play = async ({ plan, world, recorder, answerTo }: Stage) => {
  for (const fact of await measure(world, 'baseline')) recorder.add(fact);
  const thinkMs = (learnerCount / actionsPerSecond) * 1_000;
  const cast = createCast({ seed, learnerCount, thinkMs, authorityEveryMs, world, recorder });
  print(`${learnerCount} learners on two devices each begin …`);
  await cast.begin();
  print('they talk, and the faults begin …');
  const problems: string[] = [];
  cast.play();
  await playPlan({ plan, world, cast, recorder, answerTo, problems });
  await cast.pause();
  problems.push(...(await settle({ world, cast, recorder })));
  for (const { crashes } of world.nodes) problems.push(...crashes);
  return { store: await readFinalStore(world.postgres.url), problems };
};

const saveSummary = (folder: string, summary: Summary): Promise<string> =>
  saveResult(folder, {
    question: `faults-${seed}`,
    command: `npm run chaos -- --seed ${seed} --seconds ${seconds} --nodes ${nodeCount} --learners ${learnerCount}`,
    at: new Date().toISOString(),
    durationMs: Math.round(performance.now()),
    seed,
    options: { seconds, nodes: nodeCount, learners: learnerCount },
    verdicts: [],
    measured: { sections: toSections(summary) },
  });

const report = async (
  recorder: Recorder,
  store: FinalStore,
  problems: readonly string[],
): Promise<number> => {
  const { history } = recorder;
  if (values.save) await writeFile(values.save, JSON.stringify({ history, store }));
  const { text, summary, isPassed } = judgeRun(history, store);
  print(text);
  if (values.results) await saveSummary(values.results, summary);
  for (const problem of problems) print(`PROBLEM (seed ${seed}): ${problem}`);
  return isPassed && problems.length === 0 ? 0 : 1;
};

const main = async (): Promise<number> => {
  const plan = createPlan({ seed, seconds, nodes: nodeCount });
  print(printPlan(plan));
  const recoveryP99Ms = Number(values['recovery-p99-ms']);
  const { recorder, answerTo } = indexAnswers(
    createRecorder(seed, () => performance.now(), { recoveryP99Ms }),
  );
  const stopLag = watchLag(recorder);
  const world = await startWorld({
    seed,
    nodeCount,
    modelObserver: {
      began: ({ callId, question, text }) => recorder.add({ kind: 'model-called', callId, question, text }),
      ended: ({ callId }, how, sentText) => recorder.add({ kind: 'model-ended', callId, how, sentText }),
    },
  });
  // Whatever ends the run early, its servers end with it.
  const abandon = (exitCode: number) => void world.dispose().finally(() => process.exit(exitCode));
  process.once('SIGINT', () => abandon(130)).once('SIGTERM', () => abandon(143));
  process.once('unhandledRejection', (reason) => {
    print(`the run itself failed: ${reason instanceof Error ? reason.stack : JSON.stringify(reason)}`);
    abandon(2);
  });
  const ended = await play({ plan, world, recorder, answerTo }).finally(async () => {
    stopLag();
    await world.dispose();
  });
  return report(recorder, ended.store, ended.problems);
};

process.exitCode = await main();
