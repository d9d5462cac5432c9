import { runMain } from './lib/main.mjs';
import { become } from './lib/processes.mjs';
import { say } from './lib/project.mjs';
import { withServices } from './lib/services.mjs';

/**
 * `node scripts/services.mjs npm run jest -- test/contract` runs a command with the Redis and the PostgreSQL of the tests,
 * found or started as `npm test` does it.
 */
await runMain(async () => {
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined) {
    say('usage: node scripts/services.mjs <command> [arguments]');
    return 2;
  }
  return withServices({ mayInstall: true, onInterrupt: () => {} }, async ({ env, missing }) => {
    for (const sentence of missing) say(sentence);
    if (missing.length > 0 && process.env.EDAGENT_TEST_ALLOW_SKIP !== '1') return 3;
    Object.assign(process.env, env);
    return become(command, args);
  });
});
