import { constants } from 'node:os';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../scripts/lib/build.mjs';
import { Stop } from '../scripts/lib/project.mjs';
import { createDisposers, type Disposers } from '../src/util/disposers.ts';
import { silentLog } from '../src/util/log.ts';
import { sleep } from '../src/util/sleep.ts';
import { createRandom } from '../test/support/random.ts';
import { now } from './lib/clock.ts';
import { defaultResults, saveResult } from './lib/result.ts';
import { type AnyQuestion, questions } from './questions.ts';

/** `npm run bench -- <question> [--seed N] [--results FOLDER | --trial] [--server FILE] [--option N …]` */

const endMs = 5_000;

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const usage = (): string =>
  [
    'usage: npm run bench -- <question> [options]',
    '',
    ...questions.flatMap(({ name, doc, options }) => [
      `${name}: ${doc}`,
      ...Object.entries(options).map(
        ([option, { default: value, doc: text }]) =>
          `  --${kebab(option).padEnd(18)} ${text} (${value.toLocaleString('en-US')})`,
      ),
      '',
    ]),
    'for all:',
    '  --seed               what the run draws its chances from (1)',
    '  --trial              prints, and writes no result',
    '  --results FOLDER     where the result is written (bench/results)',
    '  --server FILE        another build to measure, as before a change (dist/main.js); not for the committed results',
  ].join('\n');

interface Order {
  readonly question: AnyQuestion;
  readonly options: Record<string, number>;
  readonly seed: number;
  /** Null: nowhere. */
  readonly results: string | null;
  readonly main: string;
}

const ownServer = 'dist/main.js';

const toNumber = (name: string, text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new Stop(`--${kebab(name)} must be a number, not "${text}".`, 2);
  }
  return value;
};

/** Null when there is nothing to run but the usage to print. */
const parseOrder = (args: readonly string[]): Order | null => {
  const question = questions.find(({ name }) => name === args[0]);
  if (!question) return null;
  const names = Object.keys(question.options);
  const { values } = parseArgs({
    args: args.slice(1),
    options: {
      seed: { type: 'string', default: '1' },
      trial: { type: 'boolean', default: false },
      results: { type: 'string', default: defaultResults },
      server: { type: 'string', default: ownServer },
      ...Object.fromEntries(names.map((name) => [kebab(name), { type: 'string' as const }])),
    },
  });
  if (values.server !== ownServer && !values.trial && values.results === defaultResults) {
    throw new Stop('--server measures another build: add --trial, or --results with a folder of its own.', 2);
  }
  const given = values as Record<string, string | boolean | undefined>;
  const options = names.map((name): [string, number] => {
    const text = given[kebab(name)];
    const byDefault = question.options[name]?.default ?? 0;
    return [name, typeof text === 'string' ? toNumber(name, text) : byDefault];
  });
  return {
    question,
    options: Object.fromEntries(options),
    seed: toNumber('seed', values.seed),
    results: values.trial ? null : values.results,
    main: values.server === ownServer ? ownServer : resolve(values.server),
  };
};

/** Rejects when the time is over or a signal comes: a run ends by itself, whatever hangs in it. */
const interruption = (limitMs: number): { promise: Promise<never>; release: () => void } => {
  let release = () => {};
  const promise = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Stop(`Not done after ${limitMs / 1_000} s.`)), limitMs);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const onSignal = (signal: NodeJS.Signals): void => {
      process.exitCode = 128 + constants.signals[signal];
      reject(new Stop(`Ended by ${signal}.`));
    };
    for (const signal of signals) process.once(signal, onSignal);
    release = () => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, onSignal);
    };
  });
  return { promise, release };
};

/** What is started while a run is being ended is ended too, as soon as it is there. */
const createRunDisposers = (): Disposers => {
  const inner = createDisposers(silentLog);
  const late: Promise<unknown>[] = [];
  let isDisposing = false;
  return {
    add(name, dispose) {
      if (isDisposing) late.push(Promise.resolve().then(dispose));
      else inner.add(name, dispose);
    },
    async dispose() {
      isDisposing = true;
      await inner.dispose();
      await Promise.all(late);
    },
  };
};

/** Resolves with whether all that was wanted came true. */
const run = async ({ question, options, seed, results, main: file }: Order): Promise<boolean> => {
  if (file === ownServer) await ensureBuilt();
  const disposers = createRunDisposers();
  const { promise: interrupted, release } = interruption(question.limitMs(options));
  const begin = now();
  const at = new Date().toISOString();
  const measuring = question.measure({
    options,
    seed,
    random: createRandom(seed),
    main: file,
    disposers,
    print,
  });
  try {
    const measured = await Promise.race([measuring, interrupted]);
    const verdicts = question.verdicts(measured);
    print(JSON.stringify(measured, (_, value) => (Array.isArray(value) ? `[${value.length}]` : value), 2));
    for (const { wanted, measured: what, isMet } of verdicts)
      print(`${isMet ? '✓' : '✗'} ${wanted}: ${what}`);
    if (results !== null) {
      const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
      const durationMs = Math.round(now() - begin);
      const result = { question: question.name, command, at, durationMs, seed, options, verdicts, measured };
      print(`written: ${relative(process.cwd(), await saveResult(results, result))}`);
    }
    return verdicts.every(({ isMet }) => isMet);
  } finally {
    release();
    await disposers.dispose();
    // A run that was interrupted while it started something hears of its end at that.
    await Promise.race([measuring.catch(() => {}), sleep(endMs)]);
    await disposers.dispose();
  }
};

/** What is wrong with the arguments is told without a stack. */
const isForReader = (error: unknown): error is Error =>
  error instanceof Stop ||
  (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));

const main = async (): Promise<number> => {
  try {
    const order = parseOrder(process.argv.slice(2));
    if (order) return (await run(order)) ? 0 : 1;
    print(usage());
    return process.argv.length > 2 ? 2 : 0;
  } catch (error) {
    if (!isForReader(error)) throw error;
    console.error(error.message);
    return error instanceof Stop ? error.exitCode : 2;
  }
};

const code = await main();
process.exit(process.exitCode ?? code);
