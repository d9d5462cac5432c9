import { ensureBuilt } from '../../scripts/lib/build.mjs';

/** Before the first of the tests that run the built program, whichever those are. */
export default () => ensureBuilt();
