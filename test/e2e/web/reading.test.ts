import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { startBrowser } from '../../support/browser.ts';
import {
  answerTextOf,
  ask,
  askAndHear,
  distanceToEnd,
  distanceToTop,
  lastAnswer,
  scrollbarOf,
  scrollMessagesBy,
  topOf,
} from '../../support/chat-page.ts';
import { eventually } from '../../support/eventually.ts';
import { putOlderMessages } from '../../support/older-messages.ts';
import { testChromium } from '../../support/services.ts';
import { describeWeb, type WebWorld } from '../../support/web-world.ts';

const small = { width: 900, height: 500 };
const nearPx = 3;

const paragraphs = (from: number, count: number): string =>
  Array.from({ length: count }, (_, at) => `Paragraph ${from + at} of a long answer.\n\n`).join('');

/** A reader before an answer that is longer than the screen, and goes on. */
const readLongAnswer = async (world: WebWorld, name: string, question: string) => {
  const answer = world.model.answerTo(question);
  const { page } = await world.signIn(name, { context: { viewport: small } });
  await ask(page, question);
  let said = 0;
  /** Waits until it is shown. */
  const say = async (count: number, ending = ''): Promise<void> => {
    answer.say(paragraphs(said, count) + ending);
    said += count;
    await eventually(async () => (await answerTextOf(page)).includes(`Paragraph ${said - 1} `));
  };
  await say(40);
  return { page, answer, say };
};

const isAtEnd = (page: Page) => eventually(async () => (await distanceToEnd(page)) <= nearPx);

/** While the answer grows: no farther than what one frame may bring. */
const isNearEnd = (page: Page) => eventually(async () => (await distanceToEnd(page)) < 150);

/** With a finger, as far as this, step by step. */
const drawDown = async (page: Page, px: number): Promise<void> => {
  const devTools = await page.context().newCDPSession(page);
  const at = (y: number) => [{ x: small.width * 0.6, y: small.height / 3 + y }];
  await devTools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) });
  for (let y = 10; y <= px; y += 10)
    await devTools.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(y) });
  await devTools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await devTools.detach();
};

const over = (page: Page) => page.getByRole('region', { name: 'Messages' }).hover();

describeWeb('reading', (world) => {
  test('the end is followed while one is there; a little way up nothing moves, and a click leads back', async () => {
    const { page, answer, say } = await readLongAnswer(world(), 'Ada', 'Long, please.');
    await isAtEnd(page);
    for (let round = 0; round < 5; round++) {
      await say(3);
      await isAtEnd(page);
    }
    await over(page);
    await page.mouse.wheel(0, -30);
    await eventually(async () => (await distanceToEnd(page)) >= 25);
    const read = lastAnswer(page).getByText('Paragraph 52 of');
    const before = await topOf(read);
    for (let round = 0; round < 5; round++) {
      await say(3, '$$\\frac{1}{2}$$\n\n```js\nlet a = 1;\n```\n\n');
      expect(await topOf(read)).toBe(before);
    }
    await page.getByRole('button', { name: 'To the end' }).click();
    await isAtEnd(page);
    await say(3);
    await isAtEnd(page);
    answer.finish();
    await lastAnswer(page).getByRole('button', { name: 'Copy the answer' }).waitFor();
    await isAtEnd(page);
  });

  test('the end stays in sight whatever the height of the message field', async () => {
    const { page, answer, say } = await readLongAnswer(world(), 'Abe', 'Beside a draft, please.');
    await isAtEnd(page);
    const field = page.getByRole('textbox', { name: 'Message' });
    for (const draft of [
      'One\ntwo',
      'Many words. '.repeat(60),
      'One\ntwo\nthree',
      'Many more. '.repeat(90),
    ]) {
      await field.fill(draft);
      await isAtEnd(page);
      await say(1);
      await isAtEnd(page);
    }
    for (let line = 0; line < 3; line++) {
      await page.keyboard.press('Shift+Enter');
      await page.keyboard.type('a line');
      await isAtEnd(page);
    }
    expect(await page.getByRole('button', { name: /^(To the end|New messages)$/ }).count()).toBe(0);
    await field.fill('');
    await isAtEnd(page);
    answer.finish();
  });

  test('who turns the wheel, or draws with a finger, in the midst of a fast answer is not pulled back', async () => {
    const question = 'Without a breath, please.';
    const answer = world().model.answerTo(question);
    const { page } = await world().signIn('Gil', { context: { viewport: small, hasTouch: true } });
    await ask(page, question);
    let said = 0;
    const talk = setInterval(() => answer.say(paragraphs(said++, 1)), 10);
    const hasSaid = async (count: number): Promise<void> => {
      const wanted = said + count;
      await eventually(async () => (await answerTextOf(page)).includes(`Paragraph ${wanted} `));
    };
    try {
      await hasSaid(40);
      const first = lastAnswer(page).getByText('Paragraph 0 of');
      await over(page);
      for (const scrollUp of [() => page.mouse.wheel(0, -40), () => drawDown(page, 80)]) {
        await page.getByRole('button', { name: 'To the end' }).waitFor({ state: 'detached' });
        await isNearEnd(page);
        await scrollUp();
        await eventually(async () => (await distanceToEnd(page)) > 400);
        const before = await topOf(first);
        await hasSaid(30);
        expect(await topOf(first)).toBe(before);
        await page.getByRole('button', { name: 'To the end' }).click();
        await hasSaid(10);
      }
    } finally {
      clearInterval(talk);
    }
    await isAtEnd(page);
    answer.finish();
  });

  test('who drags the scrollbar is not pulled back, and follows again from the end on', async () => {
    const question = 'With a scrollbar, please.';
    const answer = world().model.answerTo(question);
    const browser = await startBrowser(testChromium() ?? '', { hasScrollbars: true });
    try {
      const { page } = await browser.openTab(world().url, { viewport: small });
      await page.getByLabel('Name').fill('Bess');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await ask(page, question);
      let said = 0;
      const say = async (count: number): Promise<void> => {
        answer.say(paragraphs(said, count));
        said += count;
        await eventually(async () => (await answerTextOf(page)).includes(`Paragraph ${said - 1} `));
      };
      await say(60);
      await isAtEnd(page);
      const bar = await scrollbarOf(page);
      expect(bar.width).toBeGreaterThan(0);

      await page.mouse.move(bar.x, bar.y);
      await page.mouse.down();
      await page.mouse.move(bar.x, bar.y - 20, { steps: 4 });
      await eventually(async () => (await distanceToEnd(page)) > 50);
      const read = await distanceToTop(page);
      await say(5);
      expect(Math.abs((await distanceToTop(page)) - read)).toBeLessThanOrEqual(nearPx);
      await page.mouse.up();
      await say(5);
      expect(Math.abs((await distanceToTop(page)) - read)).toBeLessThanOrEqual(nearPx);

      const { x, y } = await scrollbarOf(page);
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x, y + 200, { steps: 4 });
      await isAtEnd(page);
      await page.mouse.up();
      await say(5);
      await isAtEnd(page);
      answer.finish();
    } finally {
      await browser.dispose();
    }
  });

  test('who holds the list and drags it slowly is not pulled back', async () => {
    const { page, answer, say } = await readLongAnswer(world(), 'Ben', 'Slowly, please.');
    await isAtEnd(page);
    await over(page);
    await page.mouse.down();
    for (let round = 1; round <= 6; round++) {
      await scrollMessagesBy(page, -2);
      await say(1);
      expect(await distanceToEnd(page)).toBeGreaterThan(nearPx);
    }
    await page.mouse.up();
    const read = lastAnswer(page).getByText('Paragraph 38 of');
    const before = await topOf(read);
    await say(3);
    expect(await topOf(read)).toBe(before);
    answer.finish();
  });

  test('what one sends is shown, wherever one was', async () => {
    const { page, answer, say } = await readLongAnswer(world(), 'Cleo', 'At length, please.');
    answer.finish();
    await say(1);
    await lastAnswer(page).getByRole('button', { name: 'Copy the answer' }).waitFor();
    await over(page);
    await page.mouse.wheel(0, -800);
    await eventually(async () => (await distanceToEnd(page)) > 500);
    await ask(page, 'Thanks.');
    await isAtEnd(page);
    await lastAnswer(page).getByText('Understood.').waitFor();
    await isAtEnd(page);
  });

  test('nothing that is shown moves, or is made anew, while an answer grows, ends, and gets formulas and colours', async () => {
    const answer = world().model.answerTo('Steady, please.');
    const { page } = await world().signIn('Dora', { context: { viewport: { width: 900, height: 900 } } });
    await ask(page, 'Steady, please.');
    answer.say('The first paragraph.\n\n');
    const first = lastAnswer(page).getByText('The first paragraph.');
    await first.waitFor();
    const element = await first.elementHandle();
    const before = await topOf(first);
    for (const piece of [
      'Some **bold',
      '** text, and $x^',
      '2$ in it.\n\n$$\\frac{1',
      '}{2}$$\n\n',
      '| a | b |\n|---|',
      '---|\n| 1 | 2 |\n\n',
      '```js\nconst a',
      ' = 1;\n```\n\n',
      '- one\n- two\n\nThe last paragraph.',
    ]) {
      answer.say(piece);
      expect(await topOf(first)).toBe(before);
    }
    const last = lastAnswer(page).getByText('The last paragraph.');
    await last.waitFor();
    await lastAnswer(page).locator('.katex').nth(1).waitFor();
    await lastAnswer(page).locator('.hljs-keyword').waitFor();
    const end = await topOf(last);
    answer.finish();
    await lastAnswer(page).getByRole('button', { name: 'Copy the answer' }).waitFor();
    expect(await topOf(last)).toBe(end);
    expect(await topOf(first)).toBe(before);
    expect(await element?.evaluate(({ isConnected }) => isConnected)).toBe(true);
  });

  test('older messages come as one scrolls up, and what one reads stays where it is', async () => {
    const { page } = await world().signIn('Elsa', { context: { viewport: small } });
    const path = await askAndHear(page, 'The last of them.');
    await putOlderMessages(world().databaseUrl, path.replace('/c/', ''), 150);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let olderPages = 0;
    await page.route('**/graphql', async (route) => {
      const { query, variables } = route.request().postDataJSON() ?? {};
      if (query?.includes('query Conversation(') && variables?.before) {
        olderPages++;
        await held;
      }
      await route.fallback();
    });
    await page.reload();
    await page.getByText('The last of them.').last().waitFor();
    await isAtEnd(page);
    await over(page);
    await eventually(
      async () => {
        await page.mouse.wheel(0, -400);
        return (await page.getByText(/^Message 103( |$)/).count()) > 0;
      },
      { intervalMs: 50 },
    );
    const read = page.getByText(/^Message 103( |$)/);
    const before = await topOf(read);
    expect(olderPages).toBe(1);
    release();
    await eventually(async () => (await page.getByText(/^Message (10[12]|9\d)( |$)/).count()) > 0);
    expect(Math.abs((await topOf(read)) - before)).toBeLessThanOrEqual(1);
    await eventually(
      async () => {
        await page.mouse.wheel(0, -2_000);
        return (await page.getByText('Message 1 ', { exact: false }).count()) > 0;
      },
      { intervalMs: 50 },
    );
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });

  test('a phone shows everything without scrolling sideways, and its list is a drawer', async () => {
    const answer = world().model.answerTo('On a phone?');
    answer.say(
      `A word of ${'many'.repeat(40)} letters.\n\n`,
      `| ${'a wide table | '.repeat(8)}\n|${'---|'.repeat(8)}\n| ${'with cells | '.repeat(8)}\n\n`,
      `\`\`\`js\nconst long = '${'x'.repeat(200)}';\n\`\`\`\n\n`,
      `$$${'x + '.repeat(60)} 1$$\n\n`,
      'The end.',
    );
    answer.finish();
    const { page } = await world().signIn('Fay', {
      context: { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true },
    });
    await ask(page, 'On a phone?');
    await lastAnswer(page).getByText('The end.').waitFor();
    await lastAnswer(page).locator('.katex').first().waitFor();
    const widths = () =>
      page.evaluate(() => [
        document.documentElement.scrollWidth,
        ...[...document.querySelectorAll('article')].map(({ scrollWidth }) => scrollWidth),
      ]);
    expect(Math.max(...(await widths()))).toBeLessThanOrEqual(360);
    for (const name of ['Message', 'Send'])
      expect((await page.getByLabel(name, { exact: true }).boundingBox())?.width).toBeGreaterThan(30);

    const drawer = page.getByRole('navigation', { name: 'Conversations' });
    await page.getByRole('button', { name: 'Conversations' }).tap();
    await drawer.getByRole('button', { name: 'New conversation' }).tap();
    await page.getByRole('heading', { name: 'New conversation' }).waitFor();
    await drawer.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Conversations' }).tap();
    // What lies under the drawer is out of reach of the keyboard.
    const isReached = () => page.evaluate(() => document.activeElement?.closest('main') !== null);
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press('Tab');
      expect(await isReached()).toBe(false);
    }
    await drawer.getByRole('link', { name: 'On a phone?' }).tap();
    await drawer.waitFor({ state: 'hidden' });
    await lastAnswer(page).getByText('The end.').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });

  test('Escape closes the list on a phone, and stops no answer with that', async () => {
    const answer = world().model.answerTo('Go on, please.');
    const { page } = await world().signIn('Hal', {
      context: { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true },
    });
    await ask(page, 'Go on, please.');
    answer.say('Going ');
    await lastAnswer(page).getByText('Going').waitFor();
    const drawer = page.getByRole('navigation', { name: 'Conversations' });
    await page.getByRole('button', { name: 'Conversations' }).tap();
    await drawer.waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    answer.say('on.');
    answer.finish();
    await lastAnswer(page).getByRole('button', { name: 'Copy the answer' }).waitFor();
    expect(await answerTextOf(page)).toBe('Going on.');
  });
});
