import { createPgliteSql } from '../../src/store/pglite.ts';
import { createStore } from '../../src/store/store.ts';

/**
 * A process of its own on a data folder: `pglite-child <folder> <seed> hold | write`. Prints `held` when it has the folder;
 * with `write` it sends messages for ever, and prints the id of each when it is committed.
 */
const [, , dataDir = '', seedPath = '', mode] = process.argv;

const store = await createStore({ sql: await createPgliteSql({ dataDir, seedPath }) });
process.stdout.write('held\n');

if (mode === 'write') {
  const author = await store.users.ensure({ id: 'ada', name: 'Ada', role: 'LEARNER' });
  for (let index = 0; ; index += 1) {
    const sent = await store.messages.send({
      author,
      clientMessageId: `${index}`,
      conversationId: null,
      text: 'x'.repeat(index % 500) || 'x',
      answer: true,
      whileAnswering: 'WAIT',
      tutorName: 'Tutor',
    });
    if (sent.kind === 'sent') process.stdout.write(`${sent.result.message.id}\n`);
  }
}
// Alive until it is killed.
setInterval(() => {}, 60_000);
