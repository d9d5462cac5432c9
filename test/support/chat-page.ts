import type { Locator, Page } from 'playwright-core';

/** What people do and see on the page of a conversation. */

export const ask = async (page: Page, question: string): Promise<void> => {
  await page.getByRole('textbox', { name: 'Message' }).fill(question);
  await page.keyboard.press('Enter');
};

export const lastAnswer = (page: Page): Locator => page.getByRole('article', { name: /^Tutor/ }).last();

/** Of the last answer, as it is shown. */
export const answerTextOf = async (page: Page): Promise<string> =>
  (await lastAnswer(page).locator('p, li, h2').allTextContents()).join('\n');
