import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** EDAGENT_TEST_SCREENSHOTS=1 writes those of the documentation; otherwise the checkout stays as it is. */
const folder =
  process.env.EDAGENT_TEST_SCREENSHOTS === '1' ? 'docs/screenshots' : join(tmpdir(), 'edagent-screenshots');

export const takeScreenshot = async (page: Page, name: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' });
};
