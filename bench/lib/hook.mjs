import { setTimeout as wait } from 'node:timers/promises';

/**
 * Loaded with `--import` into a program that is measured: answers what it costs, over IPC, and ends it when whoever measures
 * is gone. The program itself knows nothing of it.
 */

/** The first collection leaves what finalizers release, and pages go back to the system a little later. */
const collections = 3;
const pageReturnMs = 100;

const collect = async () => {
  if (!globalThis.gc) throw new Error('Start the program with --expose-gc.');
  for (let at = 0; at < collections; at++) {
    globalThis.gc();
    await wait(pageReturnMs);
  }
};

const answers = {
  cpu: async () => process.cpuUsage(),
  async memory() {
    await collect();
    return process.memoryUsage();
  },
};

if (process.send) {
  process.on('message', async ({ id, name }) => {
    const answer = answers[name];
    if (!answer) return;
    const reply = await answer().then(
      (value) => ({ id, value }),
      (error) => ({ id, error: String(error) }),
    );
    if (process.connected) process.send(reply);
  });
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // The program ends when it wants to.
  process.channel.unref();
}
