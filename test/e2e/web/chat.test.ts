import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../../support/eventually.ts';
import { canRunWeb, startWebWorld, type WebWorld } from '../../support/web-world.ts';

jest.setTimeout(90_000);

const describeWeb = canRunWeb ? describe : describe.skip;

const ask = async (page: Page, question: string): Promise<void> => {
  await page.getByRole('textbox', { name: 'Message' }).fill(question);
  await page.keyboard.press('Enter');
};

const lastAnswer = (page: Page) => page.getByRole('article', { name: /^Tutor/ }).last();
const textOf = async (page: Page): Promise<string> => (await lastAnswer(page).textContent()) ?? '';

describeWeb('the chat', () => {
  let world: WebWorld;
  beforeAll(async () => {
    world = await startWebWorld();
  }, 120_000);
  afterEach(async () => {
    expect(await world.browser.closeTabs()).toEqual([]);
  });
  afterAll(() => world?.dispose());

  test('shows what one sends at once and the answer as it grows, in markdown with formulas and code', async () => {
    const answer = world.model.answerTo('How do fractions add?');
    const { page, requests } = await world.signIn('Ada');
    await ask(page, 'How do fractions add?');
    await page.getByRole('article', { name: /^You/ }).waitFor();
    answer.say('## Fractions\n\nFind a **common** ');
    await lastAnswer(page).getByRole('heading', { name: 'Fractions' }).waitFor();
    await eventually(async () => (await textOf(page)).includes('Find a common'));
    answer.say('denominator: $\\frac{1}{2}$.\n\n```js\nconst half = 1 / 2;\n```\n');
    answer.finish();
    await lastAnswer(page).locator('.katex').first().waitFor();
    await lastAnswer(page).locator('pre code .hljs-keyword').first().waitFor();
    await lastAnswer(page).getByRole('button', { name: 'Copy the answer' }).waitFor();

    expect(page.url()).toMatch(/\/c\/[0-9a-f-]+$/);
    const hosts = new Set(
      requests.filter((each) => !each.startsWith('data:')).map((each) => new URL(each).host),
    );
    expect([...hosts]).toEqual([new URL(world.url).host]);
    const token = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
    const secret = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(token)?.[0] ?? '';
    expect(secret).not.toBe('');
    expect(requests.filter((each) => each.includes(secret) || each.includes('eyJ'))).toEqual([]);
  });
});
