import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Frame, Page, Route } from 'playwright-core';
import type { Tab } from '../../support/browser.ts';
import { answerTextOf, ask } from '../../support/chat-page.ts';
import { request } from '../../support/clients.ts';
import { eventually } from '../../support/eventually.ts';
import type { NodeProcess } from '../../support/node-process.ts';
import { type SchoolServer, startSchoolServer } from '../../support/school-server.ts';
import { testSecret, testToken } from '../../support/test-app.ts';
import { describeWebOnOneNode } from '../../support/web-world.ts';

/** How every token begins. */
const token = 'eyJ';

const keptBy = (frame: Page | Frame): Promise<{ tab: string; browser: string; cookies: string }> =>
  frame.evaluate(() => ({
    tab: JSON.stringify({ ...sessionStorage }),
    browser: JSON.stringify({ ...localStorage }),
    cookies: document.cookie,
  }));

const addressesWithToken = ({ requests, addresses }: Tab): string[] =>
  [...requests, ...addresses].filter((each) => each.includes(token));

const socketsOf = ({ requests }: Tab): number => requests.filter((each) => each.startsWith('ws:')).length;

const corsOf = (node: NodeProcess): Record<string, string> => ({
  'access-control-allow-origin': baseOf(node),
  'access-control-allow-credentials': 'true',
});

const baseOf = ({ url }: NodeProcess): string => new URL(url).origin;

describeWebOnOneNode('signing in', (world) => {
  let school: SchoolServer;
  beforeAll(async () => {
    school = await startSchoolServer({ user: 'ada-of-school', name: 'Ada', tokenTtlMs: 8_000 });
  });
  afterAll(() => school.dispose());

  test('by a name takes one click in development, and lasts for the tab alone', async () => {
    const tab = await world().browser.openTab(world().url);
    const { page } = tab;
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Profile of Ada' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Profile of Ada' }).waitFor();
    const { tab: inTab, browser, cookies } = await keptBy(page);
    expect(inTab).toContain(token);
    expect([browser.includes(token), cookies]).toEqual([false, '']);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Role').selectOption('Admin');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Admin' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect((await keptBy(page)).tab).not.toContain(token);
    expect(addressesWithToken(tab)).toEqual([]);
  });

  test('says what is wrong when there is no token, at the first load and later, and goes on by itself', async () => {
    const node = await world().startNode({
      EDAGENT_JWT_SECRET: testSecret,
      EDAGENT_WEB_SIGN_IN: school.signInUrl,
    });
    const tab = await world().browser.openTab('about:blank');
    const { page } = tab;
    const away = async (route: Route): Promise<void> => route.abort();
    await page.route(school.signInUrl, away);
    await page.goto(baseOf(node));
    const reason = page.getByText('The sign-in service cannot be reached. Check your connection.');
    await reason.waitFor();
    await page.unroute(school.signInUrl, away);
    await page.getByRole('button', { name: 'Profile of Ada' }).waitFor();
    tab.takeProblems(/status of 401/);

    await page.route(school.signInUrl, (route) =>
      route.fulfill({ status: 503, body: 'Later.', headers: corsOf(node) }),
    );
    await page.context().setOffline(true);
    await page.context().setOffline(false);
    await page.getByText('The sign-in service answered with 503 and no token.').waitFor();
    await page.unroute(school.signInUrl);
    await page.getByText('answered with 503').waitFor({ state: 'detached' });
    await ask(page, 'And now?');
    await eventually(async () => (await answerTextOf(page)).includes('Understood.'));
    expect(tab.takeProblems(/status of 503/)).not.toEqual([]);
  });

  test('by a sign-in address leads to its login, renews the token on the same connection, and keeps it in memory', async () => {
    const node = await world().startNode({
      EDAGENT_JWT_SECRET: testSecret,
      EDAGENT_WEB_SIGN_IN: school.signInUrl,
    });
    const tab = await world().browser.openTab(baseOf(node));
    const { page } = tab;
    await page.getByRole('button', { name: 'Profile of Ada' }).waitFor();
    expect(tab.requests.filter((each) => each.includes('/login?to='))).toHaveLength(1);
    // The first answer of the address, which knew nobody yet.
    expect(tab.takeProblems(/status of 401/)).toHaveLength(1);
    const first = await eventually(() => school.told.at(-1));
    await eventually(() => socketsOf(tab) === 1);

    await eventually(() => Date.now() > first.expiresAt + 1_000, { intervalMs: 50 });
    await ask(page, 'Still there?');
    await eventually(async () => (await answerTextOf(page)).includes('Understood.'));
    expect(school.told.length).toBeGreaterThan(1);
    expect(socketsOf(tab)).toBe(1);

    const { tab: inTab, browser, cookies } = await keptBy(page);
    expect([inTab, browser, cookies].filter((each) => each.includes(token))).toEqual([]);
    expect(addressesWithToken(tab)).toEqual([]);
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0);

    // Whoever is refused is told so, and asks for no more tokens by themselves.
    const admin = await testToken('root', { role: 'admin' });
    await request(
      baseOf(node),
      admin,
      'mutation { setUserBlocked(userId: "ada-of-school", blocked: true) { id } }',
    );
    await page.getByText('You were signed out.').waitFor();
    const toldBefore = school.told.length;
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByText('This account is blocked').waitFor();
    await page.getByRole('button', { name: 'Sign in again' }).waitFor();
    // One token, and a fresh one in its place.
    expect(school.told.length - toldBefore).toBe(2);
    expect(tab.takeProblems(/status of 401/)).not.toEqual([]);
  });

  test('by the page around, opened by itself, says where it belongs', async () => {
    const node = await world().startNode({
      EDAGENT_JWT_SECRET: testSecret,
      EDAGENT_WEB_EMBED_ORIGINS: school.url,
    });
    const { page } = await world().browser.openTab(`${baseOf(node)}/`);
    await page.getByText('Open it from the page that it is a part of.').waitFor();
  });

  test('by the page around believes its allowed origin alone', async () => {
    const node = await world().startNode({
      EDAGENT_JWT_SECRET: testSecret,
      EDAGENT_WEB_EMBED_ORIGINS: `${school.url}, https://school.example`,
    });
    const chatUrl = `${baseOf(node)}/`;
    const tab = await world().browser.openTab(school.url + school.framePath(chatUrl));
    const { page, requests } = tab;
    const chat = await eventually(() => page.frames().find((frame) => frame.url() === chatUrl));
    const other = await eventually(() =>
      page.frames().find((frame) => frame.url().startsWith(school.otherUrl)),
    );
    await chat.evaluate(() => {
      const heard: string[] = [];
      Reflect.set(window, 'heard', heard);
      addEventListener('message', ({ origin }) => heard.push(origin));
    });
    await eventually(() => page.evaluate(() => Reflect.get(window, 'countWaiting')() > 0));

    await other.evaluate(
      (intruding) => parent.frames[0]?.postMessage({ type: 'edagent:token', token: intruding }, '*'),
      await testToken('mallory', { name: 'Mallory' }),
    );
    await eventually(() => chat.evaluate(() => Reflect.get(window, 'heard').length === 1));
    expect(await page.evaluate(() => Reflect.get(window, 'countWaiting')())).toBe(1);
    expect(requests.filter((each) => each.endsWith('/graphql'))).toEqual([]);

    await page.evaluate(
      (given) => Reflect.get(window, 'give')(given),
      await testToken('grace-of-school', { name: 'Grace' }),
    );
    await chat.getByRole('button', { name: 'Profile of Grace' }).waitFor();
    await chat.getByRole('textbox', { name: 'Message' }).fill('From a frame?');
    await page.keyboard.press('Enter');
    await chat
      .getByRole('article', { name: /^Tutor/ })
      .getByText('Understood.')
      .waitFor();
    const { tab: inTab, browser, cookies } = await keptBy(chat);
    expect([inTab, browser, cookies].filter((each) => each.includes(token))).toEqual([]);
    expect(addressesWithToken(tab)).toEqual([]);

    // By another name it is another origin, which may not hold the page at all.
    const refused = await world().browser.openTab(school.otherUrl + school.framePath(chatUrl));
    await eventually(() => refused.takeProblems(/frame-ancestors/).length > 0);
    expect(await refused.page.evaluate(() => Reflect.get(window, 'countWaiting')())).toBe(0);
    refused.takeProblems(/chrome-error:/);
  });
});
