import { expect, test } from '@jest/globals';
import { answerTextOf, ask, lastAnswer } from '../../support/chat-page.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWeb } from '../../support/web-world.ts';

describeWeb('the chat', (world) => {
  test('shows what one sends at once and the answer as it grows, in markdown with formulas and code', async () => {
    const answer = world().model.answerTo('How do fractions add?');
    const { page, requests } = await world().signIn('Ada');
    await ask(page, 'How do fractions add?');
    await page.getByRole('article', { name: /^You/ }).waitFor();
    answer.say('## Fractions\n\nFind a **common** ');
    await lastAnswer(page).locator('h2', { hasText: 'Fractions' }).waitFor();
    await eventually(async () => (await answerTextOf(page)).includes('Find a common'));
    answer.say('denominator: $\\frac{1}{2}$.\n\n```js\nconst half = 1 / 2;\n```\n');
    answer.finish();
    await lastAnswer(page).locator('.katex').first().waitFor();
    await lastAnswer(page).locator('pre code .hljs-keyword').first().waitFor();
    await lastAnswer(page).getByRole('button', { name: 'Copy the answer' }).waitFor();

    expect(page.url()).toMatch(/\/c\/[0-9a-f-]+$/);
    const hosts = new Set(
      requests.filter((each) => !each.startsWith('data:')).map((each) => new URL(each).host),
    );
    expect([...hosts]).toEqual([new URL(world().url).host]);
    const token = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
    const secret = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(token)?.[0] ?? '';
    expect(secret).not.toBe('');
    expect(requests.filter((each) => each.includes(secret) || each.includes('eyJ'))).toEqual([]);
  });

  test('runs nothing and asks for nothing that an answer brings along', async () => {
    const hostile = [
      '<script>window.ran = 1</script><img src="https://example.org/a.png" onerror="window.ran = 2">',
      '<svg onload="window.ran = 3"><a href="javascript:window.ran = 4">one</a></svg>',
      '[two](javascript:window.ran=5) [three](data:text/html,<script>window.ran=6</script>) [four](vbscript:x)',
      '![five](https://example.org/b.png) ![six](data:image/svg+xml,<svg onload="window.ran=7"/>)',
      '<iframe src="https://example.org/"></iframe><style>body{display:none}</style><base href="https://example.org/">',
      '$\\href{javascript:window.ran=8}{x}$ $\\htmlData{x=1}{y}$ $\\includegraphics{https://example.org/c.png}$ $\\url{javascript:window.ran=9}$',
      '[seven](https://example.org/fine)',
      'The end.',
    ];
    const answer = world().model.answerTo('Be hostile.');
    answer.say(...hostile.map((each) => `${each}\n\n`));
    answer.finish();
    const { page, requests } = await world().signIn('Eve');
    await ask(page, 'Be hostile.');
    await lastAnswer(page).getByText('The end.').waitFor();
    for (const link of await lastAnswer(page).locator('a').all()) {
      expect(await link.getAttribute('href')).toMatch(/^https:\/\/example\.org\//);
      expect(await link.getAttribute('rel')).toContain('noopener');
    }
    expect(
      await lastAnswer(page)
        .locator('script, iframe, style, base, img, object, embed, [onerror], [onload]')
        .count(),
    ).toBe(0);
    expect(await page.evaluate(() => Reflect.get(window, 'ran'))).toBeUndefined();
    expect(requests.filter((each) => each.includes('example.org'))).toEqual([]);
  });

  test('works by the keyboard alone, and tells screen readers whole sentences', async () => {
    const answer = world().model.answerTo('By keyboard.');
    const tab = await world().browser.openTab(world().url);
    const { page } = tab;
    await page.getByLabel('Name').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Grace');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await eventually(() => page.evaluate(() => document.activeElement?.id === 'message'));
    await page.keyboard.type('By keyboard.');
    await page.keyboard.press('Enter');
    await lastAnswer(page).waitFor();
    answer.say('A sentence that is whole. And one that ');
    const spoken = page.getByRole('log', { name: 'Answer' });
    await eventually(async () => (await spoken.textContent())?.includes('A sentence that is whole.'));
    expect(await spoken.textContent()).not.toContain('And one');
    await page.keyboard.press('Escape');
    await lastAnswer(page).getByText('Stopped.').waitFor();
    answer.finish();
  });
});
