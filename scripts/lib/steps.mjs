import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { checkHouseRules } from './house-rules.mjs';
import { toCountsText, toSummary } from './jest-results.mjs';
import { run } from './processes.mjs';
import { root, Stop, say } from './project.mjs';

/** A step resolves with its output when it failed, null when it passed. */
const tool =
  (name, ...args) =>
  async () => {
    const { code, output } = await run(join(root, 'node_modules/.bin', name), args);
    return code === 0 ? null : output;
  };

const build = async () => {
  try {
    await ensureBuilt();
    return null;
  } catch (error) {
    if (error instanceof Stop) return error.message;
    throw error;
  }
};

const houseRules = async () => {
  const breaches = checkHouseRules();
  return breaches.length === 0 ? null : breaches.join('\n');
};

/** In the order in which they begin and are reported. The types of `edagent-client` come from its build. */
export const staticSteps = () => {
  const built = build();
  return [
    { name: 'build', check: () => built },
    { name: 'format', check: tool('biome', 'format', '.') },
    { name: 'types', check: () => built.then(tool('tsc', '-p', 'tsconfig.check.json')) },
    { name: 'web types', check: () => built.then(tool('tsc', '-p', 'web/tsconfig.json')) },
    { name: 'lint', check: tool('biome', 'check', '--formatter-enabled=false', '--error-on-warnings', '.') },
    { name: 'rules', check: houseRules },
    { name: 'unused', check: tool('knip', '--no-progress') },
    { name: 'schema', check: tool('tsx', 'scripts/write-schema.ts', '--check') },
    { name: 'readme', check: tool('tsx', 'scripts/write-readme.ts', '--check') },
    { name: 'front end', check: tool('tsx', 'scripts/write-front-end.ts', '--check') },
    { name: 'figures', check: tool('tsx', 'bench/write-docs.ts', '--check') },
    { name: 'documents', check: tool('graphql-codegen', '--config', 'codegen.ts', '--check') },
  ];
};

const report = (name, isPassed, ms, note = '') =>
  say(
    `${isPassed ? '✓' : '✗'} ${name.padEnd(12)}${(ms / 1_000).toFixed(1).padStart(6)} s  ${note}`.trimEnd(),
  );

/** Runs them, two at a time; one line each, in their order. @returns the names of those that failed. */
export const runSteps = async (steps) => {
  const outcomes = steps.map(() => withResolvers());
  const waiting = steps.map((step, index) => ({ step, index }));
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const beganAt = performance.now();
      const output = await next.step.check().catch((error) => error.stack);
      outcomes[next.index].resolve({ output, ms: performance.now() - beganAt });
    }
  };
  const done = Promise.all([work(), work()]);
  const failed = [];
  for (const [index, { name }] of steps.entries()) {
    const { output, ms } = await outcomes[index].promise;
    report(name, output === null, ms);
    if (output === null) continue;
    failed.push(name);
    say(output.trim());
  }
  await done;
  return failed;
};

const withResolvers = () => {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

/** Tests decide what a server is configured with, not the shell they were started from. */
const withoutSettings = (env) =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) =>
        name.startsWith('EDAGENT_TEST_') ||
        !/^(?:EDAGENT_|OPENAI_|DATABASE_URL$|REDIS_URL$|NODE_ENV$|PORT$|HOST$|PG[A-Z]+$)/.test(name),
    ),
  );

/** Leaves out the files that take long, by their name (CONTRIBUTING.md). */
export const quickOnly = ['--testPathIgnorePatterns', '\\.long\\.test\\.ts$'];

const jestTimeoutMs = 600_000;
const leak = /A worker process has failed to exit gracefully|Jest did not exit one second after/;

/**
 * Runs jest once over several projects.
 *
 * @returns the counts of all tests, and whether the run passed.
 */
export const runJest = async (projects, env, options = []) => {
  const folder = mkdtempSync(join(tmpdir(), 'edagent-jest-'));
  const file = join(folder, 'results.json');
  const args = [
    '--json',
    `--outputFile=${file}`,
    '--passWithNoTests',
    ...options,
    '--selectProjects',
    ...projects,
  ];
  const { code, output } = await run(
    process.execPath,
    [
      // Each worker compiles PGlite anew: optimizing it takes longer than the tests run in it.
      '--liftoff-only',
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      ...args,
    ],
    {
      env: { ...withoutSettings(process.env), ...env },
      timeoutMs: jestTimeoutMs,
      stopAt: /Jest did not exit one/,
    },
  );
  const results = maybeRead(file);
  rmSync(folder, { recursive: true });
  if (!results) {
    say(output.trim());
    return { total: { passed: 0, failed: 1, skipped: 0 }, isPassed: false };
  }
  const { total, byProject, failures } = toSummary(results);
  for (const project of projects) {
    const counts = byProject[project];
    if (counts) report(project, counts.failed === 0, counts.ms, toCountsText(counts));
  }
  for (const failure of failures) say(`\n${failure.trim()}`);
  const isLeaking = leak.test(output);
  if (isLeaking) say('\nTests left something open: find it with npm run jest -- --detectOpenHandles <file>');
  return { total, isPassed: code === 0 && !isLeaking };
};

const chaosSeconds = 60;
/** Starting, settling and judging come on top. */
const chaosTimeoutMs = 300_000;
/** How soon all is well again says more of a machine that does other things than of the server: only that it is. */
const chaosRecoveryMs = 30_000;
const chaosFlags = [
  ...['--seed', '1', '--seconds', `${chaosSeconds}`, '--nodes', '3', '--learners', '40'],
  ...['--recovery-p99-ms', `${chaosRecoveryMs}`],
];

/**
 * Runs the fault test for a minute; each of its checkers counts as a test.
 *
 * @returns their counts, and whether the run passed.
 */
export const runChaos = async () => {
  const beganAt = performance.now();
  const args = ['test/chaos/run.ts', ...chaosFlags];
  const { code, output } = await run(join(root, 'node_modules/.bin/tsx'), args, {
    env: withoutSettings(process.env),
    timeoutMs: chaosTimeoutMs,
  });
  const [, passed = 0, failed = 1] = /^(\d+) checkers passed, (\d+) failed$/m.exec(output) ?? [];
  const isPassed = code === 0;
  // A run that fails for anything but what the checkers see is one more failure.
  const counts = { passed: Number(passed), failed: Math.max(Number(failed), isPassed ? 0 : 1), skipped: 0 };
  const ms = performance.now() - beganAt;
  report('chaos', isPassed, ms, toCountsText(counts));
  if (!isPassed) say(`\nnpm run chaos -- ${chaosFlags.join(' ')}\n${output.trim()}`);
  return { total: { ...counts, ms }, isPassed };
};

const maybeRead = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
};
