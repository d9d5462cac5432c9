import { listMissing } from './lib/install.mjs';
import { runMain } from './lib/main.mjs';
import { stopRunning } from './lib/processes.mjs';
import { Stop, say } from './lib/project.mjs';
import { withServices } from './lib/services.mjs';
import { quickOnly, runJest, runSteps, staticSteps } from './lib/steps.mjs';

/**
 * Uses what is there: installs nothing, and skips what has no service on this machine. It runs before each commit, so tests
 * that take long are left to `npm test`.
 */
await runMain(async () => {
  if (listMissing().length > 0) throw new Stop('Packages are missing: run npm ci.');
  return withServices({ mayInstall: false, onInterrupt: stopRunning }, async ({ env, missing }) => {
    for (const sentence of missing) say(`${sentence} Without it, its tests are skipped.`);
    const failed = await runSteps(staticSteps());
    const skipping = missing.length > 0 ? { EDAGENT_TEST_ALLOW_SKIP: '1' } : {};
    const projects = ['unit', 'contract', 'integration'];
    const { isPassed } = await runJest(projects, { ...env, ...skipping }, quickOnly);
    return failed.length === 0 && isPassed ? 0 : 1;
  });
});
