import { ensureBuilt, isBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';

/** Installs what is missing and builds what is stale; what is built runs without the tools that built it. */
export const prepare = async () => {
  await ensureInstalled({ withTools: !isBuilt() });
  await ensureBuilt();
};
