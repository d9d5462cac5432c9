import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually.ts';

/** What people do and see on the page of a conversation. */

export const ask = async (page: Page, question: string): Promise<void> => {
  await page.getByRole('textbox', { name: 'Message' }).fill(question);
  await page.keyboard.press('Enter');
};

export const lastAnswer = (page: Page): Locator => page.getByRole('article', { name: /^Tutor/ }).last();

/** Of the last answer, as it is shown. */
export const answerTextOf = async (page: Page): Promise<string> =>
  (await lastAnswer(page).locator('p, li, h2').allTextContents()).join('\n');

/** The answers with this text. */
export const answersOf = (page: Page, text: string): Locator =>
  page.getByRole('article', { name: /^Tutor/ }).filter({ hasText: text });

/** What waits in the list of the conversation. */
export const unsent = (page: Page): Locator => page.getByRole('article', { name: 'You, not sent yet' });

/** Asks, and waits for the whole answer, which is `Understood.` where the test speaks none. @returns the path. */
export const askAndHear = async (page: Page, question: string): Promise<string> => {
  await ask(page, question);
  await page.getByText(question).waitFor();
  await lastAnswer(page).getByRole('button', { name: 'Copy the answer' }).waitFor();
  await page.waitForURL(/\/c\//);
  return new URL(page.url()).pathname;
};

/** By the keyboard alone. */
export const tabTo = async (page: Page, target: Locator): Promise<void> => {
  await target.waitFor();
  for (let step = 0; step < 60; step++) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('the keyboard does not reach it');
};

/** The sends of this page and of those beside it fail as without a network, while its socket lives. @returns the undo. */
export const cutSends = async (page: Page): Promise<() => Promise<void>> => {
  const context = page.context();
  await context.route('**/graphql', (route) =>
    route.request().postData()?.includes('mutation SendMessage') ? route.abort() : route.fallback(),
  );
  return () => context.unroute('**/graphql');
};

/** The element that scrolls the messages. */
const scrollerOf = (page: Page): Locator =>
  page.getByRole('region', { name: 'Messages' }).locator('> div').first();

/** How far the reader is from the end of the messages, in pixels. */
export const distanceToEnd = (page: Page): Promise<number> =>
  scrollerOf(page).evaluate(
    ({ scrollHeight, clientHeight, scrollTop }) => scrollHeight - clientHeight - scrollTop,
  );

/** How much of the messages is above of what is seen, in pixels. */
export const distanceToTop = (page: Page): Promise<number> =>
  scrollerOf(page).evaluate(({ scrollTop }) => scrollTop);

/** Of the messages: the middle of what is dragged, and its width, which is 0 where the browser shows none. */
export const scrollbarOf = (page: Page): Promise<{ x: number; y: number; width: number }> =>
  scrollerOf(page).evaluate((element) => {
    const { clientWidth, clientHeight, scrollTop, scrollHeight } = element;
    const box = element.getBoundingClientRect();
    const width = box.width - clientWidth;
    // As wide as its arrows are high.
    const track = clientHeight - 2 * width;
    const middle = (scrollTop + clientHeight / 2) / scrollHeight;
    return { x: box.right - width / 2, y: box.top + width + track * middle, width };
  });

export const scrollMessagesBy = (page: Page, by: number): Promise<void> =>
  scrollerOf(page).evaluate((element, px) => void element.scrollBy(0, px), by);

/** Waits until all that was scrolled and measured is settled: it stands at one place for some frames. @returns its top. */
export const topOf = (target: Locator): Promise<number> =>
  eventually(async () => {
    const tops = await target.evaluate(async (element) => {
      const seen: number[] = [];
      for (let frame = 0; frame < 8; frame++) {
        seen.push(element.getBoundingClientRect().top);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      return seen;
    });
    return new Set(tops).size === 1 ? { top: tops[0] ?? 0 } : undefined;
  }).then(({ top }) => top);
