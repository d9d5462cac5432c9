import { join } from 'node:path';
import { root } from './project.mjs';

/**
 * Of the process of the server: room for what lives shortly, from the start. V8 begins with 1 MB and goes back to it whenever it is quiet, so
 * that the next burst of events is interrupted by a collection every 80 deliveries. In MB; three times as much is reserved.
 */
export const nodeFlags = ['--min-semi-space-size=16'];

/** What Node.js is given to run the built program; its own arguments follow. */
export const programArgs = [...nodeFlags, join(root, 'dist/main.js')];
