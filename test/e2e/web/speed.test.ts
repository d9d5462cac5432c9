import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ask, lastAnswer } from '../../support/chat-page.ts';
import { eventually } from '../../support/eventually.ts';
import { putOlderMessages } from '../../support/older-messages.ts';
import { describeWeb } from '../../support/web-world.ts';

/** Notes tasks of 50 ms and longer from here on. */
const watchLongTasks = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const tasks: number[] = [];
    Reflect.set(window, 'longTasks', tasks);
    new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({
      type: 'longtask',
    });
  });

const longTasksOf = (page: Page): Promise<number[]> => page.evaluate(() => Reflect.get(window, 'longTasks'));

/** Counts what begins to move by itself from here on: each costs the style of its element twice more. */
const watchMotion = (page: Page): Promise<void> =>
  page.evaluate(() => {
    Reflect.set(window, 'motions', 0);
    for (const event of ['transitionrun', 'animationstart']) {
      document.addEventListener(event, () =>
        Reflect.set(window, 'motions', Reflect.get(window, 'motions') + 1),
      );
    }
  });

const describeTasks = (tasks: readonly number[]): string =>
  `${tasks.length} long tasks, ${tasks.length > 0 ? `the longest ${Math.round(Math.max(...tasks))} ms` : 'none'}`;

/** Only that the page keeps up: how long its tasks are says as much of what else the machine does. */
const stuckMs = 2_000;

/** What costs most to show: formulas, code that is coloured, lists and tables. */
const lessonPart = (part: number): string => `## Part ${part}

Two fractions add when they have the **same denominator**, and *only* then: $\\frac{${part}}{2} + \\frac{1}{3}$ is widened.

$$\\sum_{k=1}^{${part}} \\frac{1}{k(k+1)} = \\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}$$

1. Find a number that both denominators divide, as \`${part}\`.
   - first $\\frac12 = \\frac36$
   - then $\\frac13 = \\frac26$
2. Add the numerators.

\`\`\`python
def add_${part}(a: Fraction, b: Fraction) -> Fraction:
    for k in range(${part}):
        a += Fraction(k, k + 1)  # a comment
    return a + b
\`\`\`

| step | left | right |
|---|---:|---:|
| widen | $3/6$ | **${part}** |

`;

const tokensOf = (text: string): string[] => text.match(/\s*\S{1,4}/g) ?? [];

describeWeb('the chat under load', (world) => {
  test('shows 200 tokens a second as they come, of markdown with formulas and code', async () => {
    const { page } = await world().signIn('Ada');
    const answer = world().model.answerTo('Quickly, please.');
    await ask(page, 'Quickly, please.');
    answer.say('Now: $x$.\n\n```js\nlet x;\n```\n\n');
    // What is loaded with the first formula and the first code is here.
    await lastAnswer(page).locator('.katex').waitFor();
    await lastAnswer(page).locator('.hljs-keyword').waitFor();
    await watchLongTasks(page);
    await watchMotion(page);
    const startedAt = performance.now();
    const tokens = tokensOf([1, 2, 3, 4, 5, 6].map(lessonPart).join(''));
    let said = 0;
    await eventually(
      () => {
        const due = Math.min(tokens.length, Math.floor((performance.now() - startedAt) / 5));
        for (; said < due; said++) answer.say(tokens[said] ?? '');
        return said === tokens.length;
      },
      { intervalMs: 20 },
    );
    answer.say('\n\nDone.');
    answer.finish();
    await lastAnswer(page).getByText('Done.').waitFor();
    const delayMs = performance.now() - startedAt - tokens.length * 5;
    expect(await lastAnswer(page).locator('.katex-display').count()).toBe(6);
    const tasks = await longTasksOf(page);
    console.info(
      `200 tokens a second, ${tokens.length} in all: ${describeTasks(tasks)}; the end ${Math.round(delayMs)} ms later`,
    );
    expect(Math.max(0, ...tasks)).toBeLessThan(stuckMs);
    // The browser of the tests asks for reduced motion.
    expect(await page.evaluate(() => Reflect.get(window, 'motions'))).toBe(0);
  });

  test('scrolls through 10,000 messages, which load as one goes up', async () => {
    const { page } = await world().signIn('Bob');
    await ask(page, 'The last of many.');
    await lastAnswer(page).getByText('Understood.').waitFor();
    await page.waitForURL(/\/c\//);
    await putOlderMessages(world().databaseUrl, new URL(page.url()).pathname.replace('/c/', ''), 9_999);
    await page.reload();
    await page.getByText('The last of many.').last().waitFor();
    await watchLongTasks(page);
    await page.getByRole('region', { name: 'Messages' }).hover();
    const firstShown = () =>
      page
        .getByRole('article')
        .first()
        .textContent()
        .then((text) => Number(/Message (\d+)/.exec(text ?? '')?.[1] ?? 10_000));
    await eventually(
      async () => {
        await page.mouse.wheel(0, -4_000);
        return (await firstShown()) < 9_000;
      },
      { intervalMs: 30, timeoutMs: 40_000 },
    );
    expect(await page.getByRole('article').count()).toBeLessThan(100);
    const tasks = await longTasksOf(page);
    console.info(`1,000 of 10,000 messages scrolled up: ${describeTasks(tasks)}`);
    await page.getByRole('button', { name: 'To the end' }).click();
    await page.getByText('The last of many.').last().waitFor();
  });
});
