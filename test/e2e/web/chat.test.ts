import { expect, test } from '@jest/globals';
import { answerTextOf, ask, askAndHear, lastAnswer, tabTo } from '../../support/chat-page.ts';
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
    await eventually(async () => (await spoken.textContent())?.includes('Stopped.'));
    answer.finish();
  });

  test('an answer that failed says so and is made again, and what replaced it leaves it in reach', async () => {
    const answer = world().model.answerTo('Will it fail?');
    answer.refuseNext();
    const { page } = await world().signIn('Hedy');
    await ask(page, 'Will it fail?');
    const failed = lastAnswer(page);
    await failed.getByRole('button', { name: 'Retry' }).click();
    answer.say('Not this time.');
    answer.finish();
    await lastAnswer(page).getByText('Not this time.').waitFor();
    await page.getByText('An earlier answer').waitFor();
    await lastAnswer(page).getByRole('button', { name: 'Answer again' }).waitFor();
    expect(await page.getByRole('button', { name: /^(Retry|Answer again)$/ }).count()).toBe(1);
    expect(answer.callCount).toBe(2);
  });

  test('an answer is copied as it was written', async () => {
    const markdown = 'Find a **common** denominator: $\\frac{1}{2}$.\n\n```js\nconst half = 1 / 2;\n```';
    const answer = world().model.answerTo('To be copied?');
    answer.say(markdown);
    answer.finish();
    const { page } = await world().signIn('Ida', {
      context: { permissions: ['clipboard-read', 'clipboard-write'] },
    });
    await ask(page, 'To be copied?');
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await lastAnswer(page).getByRole('button', { name: 'Copy the answer' }).click();
    await lastAnswer(page).getByText('Copied', { exact: true }).waitFor({ state: 'attached' });
    expect(await copied()).toBe(markdown);
    await lastAnswer(page).getByRole('button', { name: 'Copy the code' }).click();
    await eventually(async () => (await copied()) === 'const half = 1 / 2;');
    await page.getByRole('button', { name: 'Copy the message' }).click();
    await eventually(async () => (await copied()) === 'To be copied?');
  });

  test('menus, dialogs, and an answer made again are in reach of the keyboard, and the focus comes back', async () => {
    const answer = world().model.answerTo('Keys only?');
    answer.refuseNext();
    const { page } = await world().signIn('Jo');
    await ask(page, 'Keys only?');
    await tabTo(page, lastAnswer(page).getByRole('button', { name: 'Retry' }));
    await page.keyboard.press('Enter');
    answer.say('Keys only.');
    answer.finish();
    await lastAnswer(page).getByText('Keys only.', { exact: true }).waitFor();

    const menu = page.getByRole('button', { name: 'Options of Keys only?' });
    await tabTo(page, menu);
    await page.keyboard.press('Enter');
    const rename = page.getByRole('button', { name: 'Rename' });
    await rename.waitFor();
    await page.keyboard.press('Escape');
    await rename.waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await tabTo(page, rename);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await eventually(() => menu.evaluate((button) => button === button.ownerDocument.activeElement));
    await page.keyboard.press('Enter');
    await tabTo(page, rename);
    await page.keyboard.press('Enter');
    await tabTo(page, dialog.getByLabel('Title'));
    await page.keyboard.press('Control+A');
    await page.keyboard.type('By keys');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'By keys' }).waitFor();

    await page.keyboard.press('Control+Shift+O');
    await page.getByRole('heading', { name: 'New conversation' }).waitFor();
    await eventually(() => page.evaluate(() => document.activeElement?.id === 'message'));
    await tabTo(page, page.getByRole('link', { name: 'By keys' }));
    await page.keyboard.press('Enter');
    await lastAnswer(page).getByText('Keys only.', { exact: true }).waitFor();
    await page.keyboard.press('/');
    await eventually(() => page.evaluate(() => document.activeElement?.id === 'message'));
  });

  test('an old page is loaded anew when its pieces are gone, once, and not while somebody writes', async () => {
    const { page } = await world().signIn('Kim');
    await askAndHear(page, 'Nothing special yet.');
    let loads = 0;
    page.on('load', () => loads++);
    await page.route(/\/assets\/(katex|highlight)-[^/]*\.js$/, (route) => route.abort());
    await page.route(world().url, async (route) => {
      if (route.request().resourceType() === 'document') return route.fallback();
      await route.fulfill({
        contentType: 'text/html',
        body: '<script type="module" src="/assets/index-next.js"></script>',
      });
    });
    const asked = page.waitForRequest((request) => request.url() === world().url);
    const answer = world().model.answerTo('A formula?');
    answer.say('It is $x^2$.');
    answer.finish();
    await ask(page, 'A formula?');
    await page.getByRole('textbox', { name: 'Message' }).fill('Half a thought');
    await asked;
    await lastAnswer(page).getByText('It is x^2.').waitFor();
    expect(loads).toBe(0);
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await eventually(() => loads === 1);
    await lastAnswer(page).getByText('It is x^2.').waitFor();
    expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('Half a thought');
    expect(await page.evaluate(() => sessionStorage.getItem('edagent.reloaded-for'))).toBe(
      '/assets/index-next.js',
    );
    await page.getByRole('textbox', { name: 'Message' }).fill('');
    const again = world().model.answerTo('And another?');
    again.say('That is $y^2$.');
    again.finish();
    await ask(page, 'And another?');
    await lastAnswer(page).getByText('That is y^2.').waitFor();
    expect(loads).toBe(1);
  });
});
