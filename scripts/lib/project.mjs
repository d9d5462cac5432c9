import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Progress goes to stderr, so that the output of a command stays its own. */
export const say = (text) => process.stderr.write(`${text}\n`);

/** What this run cannot go on without; the message is for the reader, a stack would tell nothing. */
export class Stop extends Error {
  /** @param {string} message @param {number} exitCode */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
