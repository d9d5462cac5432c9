import { ensureInstalled } from './lib/install.mjs';
import { addCounts, toCountsText } from './lib/jest-results.mjs';
import { runMain } from './lib/main.mjs';
import { stopRunning } from './lib/processes.mjs';
import { Stop, say } from './lib/project.mjs';
import { withServices } from './lib/services.mjs';
import { runChaos, runJest, runSteps, staticSteps } from './lib/steps.mjs';

const mayStay = process.env.EDAGENT_TEST_ALLOW_SKIP === '1';

await runMain(async () => {
  await ensureInstalled();
  return withServices({ mayInstall: true, onInterrupt: stopRunning }, async ({ env, missing }) => {
    for (const sentence of missing) say(sentence);
    if (missing.length > 0 && !mayStay) {
      throw new Stop('Not all tests can run. EDAGENT_TEST_ALLOW_SKIP=1 skips those that cannot.', 3);
    }
    const failed = await runSteps(staticSteps());
    const parts = await runJest(['unit', 'contract', 'integration'], env);
    // Each of these starts processes of its own: more at once only wait for each other.
    const whole = await runJest(['e2e'], env, ['--maxWorkers=3']);
    const chaos = missing.length > 0 ? null : await runChaos();
    if (failed.length > 0) say(`\nFailed: ${failed.join(', ')}`);
    const runs = [parts, whole, ...(chaos ? [chaos] : [])];
    const total = runs.map((one) => one.total).reduce(addCounts);
    process.stdout.write(`${toCountsText(total)}\n`);
    return failed.length === 0 && runs.every(({ isPassed }) => isPassed) ? 0 : 1;
  });
});
