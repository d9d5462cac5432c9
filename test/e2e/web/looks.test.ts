import { expect, test } from '@jest/globals';
import { findSeriousViolations } from '../../support/accessibility.ts';
import { ask, lastAnswer } from '../../support/chat-page.ts';
import { takeScreenshot } from '../../support/screenshots.ts';
import { describeWeb } from '../../support/web-world.ts';

const lesson = `Two fractions add when they have the **same denominator**:

$$\\frac{1}{2} + \\frac{1}{3} = \\frac{3}{6} + \\frac{2}{6} = \\frac{5}{6}$$

1. Find a number that both denominators divide: here 6.
2. Widen both fractions to it.
3. Add the numerators.

\`\`\`python
from fractions import Fraction
print(Fraction(1, 2) + Fraction(1, 3))  # 5/6
\`\`\`

| step | left | right |
|---|---|---|
| widen | 3/6 | 2/6 |
| add | 5/6 | |

Do you want to try one yourself?`;

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

describeWeb('the page', (world) => {
  test('has no serious violation of accessibility where one signs in', async () => {
    const { page } = await world().browser.openTab(world().url, { viewport: desktop });
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await findSeriousViolations(page)).toEqual([]);
  });

  test.each([
    { name: 'chat-light', who: 'Ada', colorScheme: 'light', viewport: desktop },
    { name: 'chat-dark', who: 'Ben', colorScheme: 'dark', viewport: desktop },
    { name: 'chat-phone', who: 'Cleo', colorScheme: 'light', viewport: phone },
  ] as const)('has none in a conversation: $name', async ({ name, who, colorScheme, viewport }) => {
    const question = 'How do I add one half and one third?';
    const answer = world().model.answerTo(question);
    answer.say(lesson);
    answer.finish();
    const { page } = await world().signIn(who, { context: { colorScheme, viewport } });
    await ask(page, question);
    await lastAnswer(page).getByRole('button', { name: 'Copy the answer' }).waitFor();
    await lastAnswer(page).locator('.katex').first().waitFor();
    await lastAnswer(page).locator('.hljs-keyword').first().waitFor();
    expect(await findSeriousViolations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      viewport.width,
    );
    await takeScreenshot(page, name);
  });

  test.each(['light', 'dark'] as const)(
    'has none on the admin page, which shows who is connected, in %s; what it announces is read and dismissed',
    async (colorScheme) => {
      const learner = await world().signIn('Grace');
      await learner.page.getByRole('textbox', { name: 'Message' }).waitFor();
      const { page } = await world().signIn('Root', {
        role: 'Admin',
        path: '/admin',
        context: { colorScheme, viewport: { width: 1280, height: 1000 } },
      });
      await page
        .getByRole('table', { name: /Connections/ })
        .getByText('grace')
        .first()
        .waitFor();
      await page
        .getByRole('form', { name: 'Announce something' })
        .getByRole('textbox')
        .first()
        .fill(`Maths club at four (${colorScheme}).`);
      await page.getByRole('button', { name: 'Announce to everyone' }).click();
      await page.getByText(/^Sent\. It reached/).waitFor();
      const announcements = learner.page.getByRole('region', { name: 'Announcements' });
      await announcements.getByText(`Maths club at four (${colorScheme}).`).waitFor();
      expect(await findSeriousViolations(page)).toEqual([]);
      await page.evaluate(() => scrollTo(0, 0));
      await takeScreenshot(page, `admin-${colorScheme}`);
      await announcements.getByRole('button', { name: 'Dismiss the announcement' }).first().click();
      await announcements.getByText(`Maths club at four (${colorScheme}).`).waitFor({ state: 'hidden' });
    },
  );

  test('is GraphiQL at /graphql', async () => {
    const { page, problems } = await world().browser.openTab(new URL('/graphql', world().url).href, {
      viewport: desktop,
    });
    await page.locator('.graphiql-container').first().waitFor();
    await page.getByRole('button', { name: /Documentation Explorer/ }).click();
    await page.getByText('Root Types').waitFor();
    await takeScreenshot(page, 'graphiql');
    expect(problems).toEqual([]);
  });
});
